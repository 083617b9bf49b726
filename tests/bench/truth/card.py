def write_card(rows, folder):
    pass
