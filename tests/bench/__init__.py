"""`sihe bench`: the cost of the suite next to the raw limit of the machine, measured in the same run."""
