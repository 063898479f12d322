"""Every rule of the design that the code keeps: where, and the case that goes red once the rule is broken there."""
