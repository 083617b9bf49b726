"""The owner's and auditor's look at the trail: sentences, verification, who opened what, broken glasses."""
