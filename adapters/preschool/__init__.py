"""学前教育管理信息系统: the register of children in kindergarten."""
