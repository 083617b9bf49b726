"""What consultations, plans and sessions share: a page of questions that is a draft until it is signed."""
