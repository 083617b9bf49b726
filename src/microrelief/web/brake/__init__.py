"""The brake: nobody carries off photographs by the hundred, whoever they are and whatever they may see."""
