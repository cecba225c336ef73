"""Redis is lost: what it knew of the archive, taught again from the index, while articles go on coming."""
