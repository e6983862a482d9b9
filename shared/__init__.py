"""The kernel of the four services and the gateway: technical code without business terms."""
