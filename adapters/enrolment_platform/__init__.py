"""义务教育招生入学平台: the platform that admits children to schools."""
