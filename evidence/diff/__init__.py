"""Two traces compared: what a change did to the coverage of a spec."""
