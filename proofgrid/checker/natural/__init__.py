"""What NDL and the macro language share: blocks, names, scope, reading through slips, what a failure says."""
