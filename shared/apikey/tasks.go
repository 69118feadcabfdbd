package apikey

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// Swept is what a sweep has done.
type Swept struct {
	// Tasks counts the tasks that were finished, Keys the keys that were
	// changed or removed.
	Tasks, Keys int
}

// Sweep continues the unfinished tasks of every organization that is not
// suspended, and removes the tombstones of keys that are due. It runs on a
// schedule; concurrent sweeps do no harm. A task that cannot be finished yet is
// left for the next sweep. Errors: [Unavailable].
func (r *Rules) Sweep(ctx context.Context) (Swept, error) {
	tasks, damaged, err := r.Store.Unfinished(ctx)
	if err != nil {
		return Swept{}, err
	}
	var swept Swept
	failed := unavailableIfDamaged(damaged, nil)
	purging, stop := shareOf(ctx, len(tasks)+1)
	swept.Keys, err = r.purgeDue(purging)
	if stop(); err != nil {
		failed = err
	}
	for n, task := range rotated(tasks) {
		keys, done, err := r.resumeInTime(ctx, task, len(tasks)-n)
		swept.Keys += keys
		if err != nil {
			failed = err
		}
		if done {
			swept.Tasks++
		}
	}
	return swept, failed
}

// rotated returns the tasks in the same order, but starting at a random one. The
// first task gets the most time, so over several sweeps every task gets that
// turn.
func rotated(tasks []Task) []Task {
	if len(tasks) == 0 {
		return nil
	}
	first := rand.N(len(tasks))
	return slices.Concat(tasks[first:], tasks[:first])
}

// maxTimeShares limits into how many shares the remaining time is divided: each
// gets at least 1/maxTimeShares of it.
const maxTimeShares = 4

// shareOf returns ctx with one of n shares of the remaining time, so that
// nothing long uses all of it.
func shareOf(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	if end, ends := ctx.Deadline(); ends {
		return context.WithTimeout(ctx, time.Until(end)/time.Duration(min(n, maxTimeShares)))
	}
	return ctx, func() {}
}

// resumeInTime is [Rules.resume] with a share of the remaining time. tasks
// counts this task and those after it.
func (r *Rules) resumeInTime(ctx context.Context, task Task, tasks int) (keys int, done bool, err error) {
	ctx, cancel := shareOf(ctx, tasks)
	defer cancel()
	return r.resume(ctx, task)
}

// resume continues a task; done says that it is finished. The tasks of a
// suspended organization wait until it is resumed.
func (r *Rules) resume(ctx context.Context, task Task) (keys int, done bool, err error) {
	status, err := r.view(task.Org).Status(ctx, task.Org)
	if err != nil || status.Suspended {
		return 0, false, err
	}
	switch task.Kind {
	case TaskDeletePolicy:
		id, err := uuid.Parse(task.Target)
		if err != nil {
			return 0, false, UnavailableError("resume a task", err)
		}
		keys, err = r.resumeDeletePolicy(ctx, task.Org, id)
		return keys, err == nil, err
	case TaskWithdraw:
		keys, err = r.finishWithdrawal(ctx, task)
		return keys, err == nil && keys == 0, err
	default:
		return 0, false, UnavailableError("resume a task", errors.New("its kind is unknown"))
	}
}

func (r *Rules) changeUser(ctx context.Context, who principal, before, after User) error {
	after.LastModifiedBy, after.LastModifiedOn = who.actor, r.now()
	after.Version++
	return r.commitAction(ctx, who, ActionUpdateUser, after.ID.String(), before.auditFields(), after.auditFields(), ReplaceUser{Before: before, After: after})
}
