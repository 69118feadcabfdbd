package apikey_test

import (
	"context"
	"errors"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// damagedTask is a store with one more task, which cannot be read.
type damagedTask struct{ apikey.Store }

func (s damagedTask) Unfinished(ctx context.Context) ([]apikey.Task, []apikey.Damage, error) {
	tasks, damaged, err := s.Store.Unfinished(ctx)
	return tasks, append(damaged, apikey.Damage{Ref: apikey.Ref{Subject: apikey.SubjectTask}, Cause: errDamage}), err
}

var errDamage = errors.New("damaged record: attribute kind is not a task's")

// An unreadable task does not stop the others from being finished. The sweep
// fails, so that somebody looks at it.
func TestSweepPassesDamagedTasks(t *testing.T) {
	h := newHouse(t)
	policy := h.policy(t, "doomed", "ViewTables")
	h.store.left.Store(1) // the tombstone, and no more
	if err := h.DeletePolicy(t.Context(), h.admin, policy.ID, 0, ""); err != nil {
		t.Fatal(err)
	}
	h.store.left.Store(-1)
	h.Store = damagedTask{h.store}
	swept, err := h.Sweep(t.Context())
	if swept.Tasks != 1 || apikey.KindOf(err) != apikey.Unavailable || !errors.Is(err, errDamage) {
		t.Errorf("swept %+v, error %v", swept, err)
	}
	if tasks, _, err := h.store.Unfinished(t.Context()); err != nil || len(tasks) != 0 {
		t.Errorf("left are %v, %v", tasks, err)
	}
}
