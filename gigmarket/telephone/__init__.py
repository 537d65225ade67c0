"""The city's telephone company, behind two small HTTP services: messages, and numbers that connect phones."""
