"""What people do with a handover: report, propose, confirm, choose, approve, arbitrate, leave."""
