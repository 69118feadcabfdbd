package apikey

// salvage replaces *record with the readable part of a damaged record and
// clears *err, for a change that deletes the record. It reports whether it did.
//
// Nobody may delete a record that might belong to another organization. If a
// key's organization cannot be read, or a newer version wrote the record, only
// an operator can delete it, directly in the table. The sweep removes damaged
// tombstones.
func salvage[T any](v *view, ref Ref, record *T, err *error) (damaged bool) {
	left, damaged := v.found[ref].Damaged.(T)
	if key, is := any(left).(Key); is && (!key.Org.Valid() || key.Deleted()) {
		return false
	}
	if damaged {
		*record, *err = left, nil
	}
	return damaged
}

// deletion returns the write that deletes a key. A damaged key may have had a
// claim on its name and an encrypted copy, so both are deleted too.
func (r *Rules) deletion(key Key, damaged bool) (was *auditFields, write DeleteKey) {
	was = key.auditFields()
	was.flag("damaged", damaged)
	if damaged {
		key.Recoverable = true
		if key.Claim == "" {
			key.Claim = r.NFC(key.Name)
		}
	}
	return was, DeleteKey{key, damaged}
}
