"""Work between regions: agreements, tubes sent out, tubes that came."""
