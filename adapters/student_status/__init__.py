"""全国中小学生学籍信息管理系统: the register of primary and secondary students."""
