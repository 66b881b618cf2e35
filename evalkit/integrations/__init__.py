"""Working beside other tools."""
