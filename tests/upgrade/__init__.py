"""Logs of earlier versions, which every later version must read with the same figures."""
