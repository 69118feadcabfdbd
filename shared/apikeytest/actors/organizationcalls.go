package actors

import (
	"context"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

func (e *episode) putService(ctx context.Context, c *call) {
	id, declares, force := pick(e, services), e.random.IntN(3), e.oneIn(2)
	c.may, c.continues = mayWrite(permission.AdministerServices), apikey.ActionPutService
	_ = e.attempt(ctx, c, fmt.Sprintf("has service %s declare %d permissions, with force %v", id, declares, force), func() error {
		_, _, err := e.rules.PutService(ctx, c.caller(), id, 0, service(demo, id, declares), force)
		return err
	})
}

func (e *episode) deleteService(ctx context.Context, c *call) {
	id, force := pick(e, services), e.oneIn(2)
	c.may, c.continues = mayWrite(permission.AdministerServices), apikey.ActionDeleteService
	_ = e.attempt(ctx, c, fmt.Sprintf("deletes service %s, with force %v", id, force), func() error {
		_, err := e.rules.DeleteService(ctx, c.caller(), id, 0, force)
		return err
	})
}

func (e *episode) settings(ctx context.Context, c *call) {
	s := apikey.Settings{Name: "Demo", KeyPrefix: "kw", MaxKeys: 12 + e.random.IntN(9), Recoverable: !e.oneIn(4), NoSelfService: e.oneIn(4)}
	if e.oneIn(4) {
		s.MaxKeyLifetime = 48 * time.Hour
	}
	s.Retention = pick(e, []time.Duration{0, time.Hour, apikey.DefaultRetention, apikey.DefaultRetention})
	c.may = func(held powers) bool { return held&owner != 0 }
	_ = e.attempt(ctx, c, fmt.Sprintf("sets a quota of %d, recoverable %v, no self service %v, a lifetime of %v", s.MaxKeys, s.Recoverable, s.NoSelfService, s.MaxKeyLifetime), func() error {
		_, err := e.rules.ChangeSettings(ctx, c.caller(), 0, apikey.SettingsEdit{
			Name: &s.Name, KeyPrefix: &s.KeyPrefix, MaxKeys: &s.MaxKeys, Recoverable: &s.Recoverable, NoSelfService: &s.NoSelfService, MaxKeyLifetime: &s.MaxKeyLifetime,
			Retention: &s.Retention,
		})
		return err
	})
}

// bootstrap runs Bootstrap again, which creates another admin key for the user
// who has the first OWNER's address.
func (e *episode) bootstrap(ctx context.Context) {
	again := setup(demo)
	again.AdminKey = e.name("k-" + posts[0].name)
	_ = e.attempt(ctx, &call{kind: "bootstrap"}, "bootstraps again, with "+again.AdminKey, func() error {
		result, err := e.rules.Bootstrap(ctx, again)
		if err != nil || result.Admin == nil {
			return err
		}
		if u := e.user(result.Owner.ID); u != nil && e.holder(u) != nil {
			e.handOver(e.minted(*result.Admin), 1, e.holder(u))
		}
		return nil
	})
}

// suspend suspends the organization, or resumes it.
func (e *episode) suspend(ctx context.Context) {
	s := apikey.Suspension{Organization: demo, Suspended: !e.suspended, Reason: "a drill"}
	_ = e.attempt(ctx, &call{kind: "suspend or resume"}, fmt.Sprintf("suspends the organization: %v", s.Suspended), func() error {
		_, err := e.rules.Suspend(ctx, s)
		return err
	})
}

// sweeping stands for the action of a sweep, which has no audit record of its
// own: everything that a sweep does finishes earlier changes.
const sweeping apikey.Action = "sweep"

func (e *episode) sweep(ctx context.Context) {
	_ = e.attempt(ctx, &call{kind: "sweep", continues: sweeping}, "sweeps", func() error {
		_, err := e.rules.Sweep(ctx)
		return err
	})
}

// wait lets some hours pass. No call may be running, because its key could
// expire.
func (e *episode) wait() {
	hours := 1 + e.random.IntN(2)
	e.clock.Set(e.hour(hours).Add(5 * time.Minute))
	e.tell("%d hours pass", hours)
}
