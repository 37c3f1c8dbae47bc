"""What every route speaks: problems, strictly read bodies, preconditions; knows no capability."""
