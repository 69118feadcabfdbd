package actors

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// snapshot is a reader of records that were all read at one moment.
type snapshot struct{ apikey.Found }

// Status implements [apikey.GrantReader].
func (s snapshot) Status(_ context.Context, org apikey.OrgID) (apikey.Status, error) {
	return s.Found.Status(org)
}

// Policy implements [apikey.GrantReader].
func (s snapshot) Policy(_ context.Context, org apikey.OrgID, id uuid.UUID) (apikey.Policy, error) {
	return s.Found.Policy(org, id)
}

// User implements [apikey.GrantReader].
func (s snapshot) User(_ context.Context, org apikey.OrgID, id uuid.UUID) (apikey.User, error) {
	return s.Found.User(org, id)
}

// without is a snapshot in which a user is removed.
type without struct {
	snapshot
	gone uuid.UUID
}

// User implements [apikey.GrantReader].
func (s without) User(ctx context.Context, org apikey.OrgID, id uuid.UUID) (apikey.User, error) {
	if id == s.gone {
		return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
	}
	return s.snapshot.User(ctx, org, id)
}
