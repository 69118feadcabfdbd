package apikey

import "context"

// purgeDue removes the tombstones that are due, each in a transaction of its
// own. If one cannot be removed, the others are removed all the same. Those of a
// suspended organization wait until it is resumed.
func (r *Rules) purgeDue(ctx context.Context) (keys int, err error) {
	var failed error
	for next := new(Position); next != nil; {
		part, err := r.Store.Due(ctx, r.now(), *next, MaxPage)
		if err != nil {
			return keys, err
		}
		n, err := r.purgePage(ctx, part.Records)
		if keys += n; err != nil {
			failed = err
		}
		failed, next = unavailableIfDamaged(part.Damaged, failed), part.Next
	}
	return keys, failed
}

// purgePage removes some tombstones.
func (r *Rules) purgePage(ctx context.Context, page []Due) (keys int, err error) {
	var refs []Ref
	for _, due := range page {
		refs = append(refs, KeyRef(due.Key), StatusRef(due.Org))
	}
	v := r.view("")
	if err := v.read(ctx, refs...); err != nil {
		return 0, err
	}
	var failed error
	for _, due := range page {
		switch purged, err := r.purge(ctx, v, due); {
		case err != nil && KindOf(err) != Stale: // restored, or removed by another sweep
			failed = err
		case purged:
			keys++
		}
	}
	return keys, failed
}

// purge removes one tombstone that the view has read, even a damaged one: only
// tombstones are due.
func (r *Rules) purge(ctx context.Context, v *view, due Due) (purged bool, err error) {
	status, err := v.found.Status(due.Org)
	if err != nil || status.Suspended {
		return false, err
	}
	key, err := v.found.Key(due.Key)
	left, damaged := v.found[KeyRef(due.Key)].Damaged.(Key)
	switch {
	case damaged:
		key = left
		key.ID, key.Org, key.DeletedOn, key.PurgeOn = due.Key, due.Org, due.PurgeOn, due.PurgeOn
	case err != nil && KindOf(err) == NotFound, err == nil && (!key.Deleted() || !key.PurgeOn.Equal(due.PurgeOn)):
		return false, nil
	case err != nil:
		return false, err
	}
	was, deletion := r.deletion(key, damaged)
	who := principal{Caller: Caller{Org: due.Org}, actor: sweeper}
	err = r.commitAction(ctx, who, ActionPurgeKey, due.Key.String(), was, nil, deletion)
	return err == nil, err
}
