package apikey

// salvage puts what can still be read of a damaged record in the place of the
// error that it is damaged, for a change that deletes the record. It reports
// whether it did.
//
// Nobody may delete a record that is not known to be their organization's. A key
// says whose it is; where that cannot be read, or where a newer version wrote the
// record, only an operator can delete it, in the table.
func salvage[T any](v *view, ref Ref, record *T, err *error) (damaged bool) {
	left, damaged := v.found[ref].Damaged.(T)
	if key, is := any(left).(Key); is && !key.Org.Valid() {
		return false
	}
	if damaged {
		*record, *err = left, nil
	}
	return damaged
}

// deletion deletes a key. Of a damaged one, what cannot be read any more is what
// it may have been: its name's claim, and an encrypted copy.
func (k *Keys) deletion(key Key, damaged bool) (was *auditFields, write DeleteKey) {
	was = key.auditFields()
	was.flag("damaged", damaged)
	if damaged {
		key.Recoverable = true
		if key.Claim == "" {
			key.Claim = k.NFC(key.Name)
		}
	}
	return was, DeleteKey{key, damaged}
}
