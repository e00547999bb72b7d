"""Children near hazards, for those alone who look after them."""
