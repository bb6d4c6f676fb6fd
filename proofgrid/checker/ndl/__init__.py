"""NDL: the rule table applied to steps in blocks, exactly or through structural slips."""
