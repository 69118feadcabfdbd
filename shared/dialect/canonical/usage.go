package canonical

import (
	"maps"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Usage is what a key was used for.
type Usage struct {
	Period
	Items []UsageRow `json:"items" doc:"In order of time. Hours and days without requests are left out. The last five minutes can be missing, and so can up to five minutes of uses before a process of the authorizer ended."`
}

// Period is the time that usage covers.
type Period struct {
	From string `json:"from" format:"date-time" doc:"The beginning of the period."`
	To   string `json:"to" format:"date-time" doc:"The end of the period; excluded."`
	By   string `json:"by" enum:"hour,day" doc:"What each row covers."`
}

// UsageRow is the usage of one hour or day.
type UsageRow struct {
	Start       string  `json:"start" format:"date-time" doc:"When the hour or day begins, in UTC."`
	Allowed     int     `json:"allowed" doc:"How many requests were allowed."`
	Refused     int     `json:"refused" doc:"How many requests were refused that showed a secret of the key."`
	Permissions []Count `json:"permissions" doc:"The allowed requests by the permission that opened the route: the first of the route's that the key held. The name is empty for routes that need none, and 'other' beyond 24 names in an hour."`
	Refusals    []Count `json:"refusals" doc:"The refused requests by reason, such as PERMISSION_MISSING."`
}

// Count is how many requests have a name.
type Count struct {
	Name     string `json:"name"`
	Requests int    `json:"requests" doc:"How many requests."`
}

// TopKeys are the keys that were used most.
type TopKeys struct {
	Period
	Items   []TopKey `json:"items" doc:"The key with the most requests first, among the 100 keys of the organization that were used last. Keys that were deleted since are included."`
	Damaged int      `json:"damaged,omitzero" doc:"How many keys are missing because their usage cannot be read. Absent if none. The function's log names them."`
}

// TopKey is how much a key was used.
type TopKey struct {
	ID         string `json:"id" format:"uuid"`
	LastUsedOn string `json:"lastUsedOn" format:"date-time" doc:"When the key was last used, right within five minutes."`
	Allowed    int    `json:"allowed" doc:"How many requests were allowed."`
	Refused    int    `json:"refused" doc:"How many requests were refused that showed a secret of the key."`
}

// PermissionUse compares what a key may do with what it did in the last 90 days.
type PermissionUse struct {
	Used    []UsedPermission `json:"used" doc:"The permissions that opened a route to the key in the last 90 days."`
	Unused  []string         `json:"unused" doc:"The permissions that the key has and did not use. Removing them from it changes nothing that it did in this time."`
	Unnamed int              `json:"unnamed,omitzero" doc:"How many requests were counted without the name of their permission, because the key used more than 24 in an hour. While there are any, unused may name permissions that were used."`
}

// UsedPermission is a permission that a key used.
type UsedPermission struct {
	Name     string `json:"name"`
	Requests int    `json:"requests" doc:"How many requests."`
	LastUsed string `json:"lastUsedDay" format:"date" doc:"The last day, in UTC, on which it was used."`
	Granted  bool   `json:"granted" doc:"Whether the key still has it."`
}

// FromUsage returns the usage of a key in wire form.
func FromUsage(rows []apikey.UsageRow, covers apikey.UsageQuery) Usage {
	return Usage{period(covers), wire.List(rows, func(row apikey.UsageRow) UsageRow {
		return UsageRow{Time(row.Start), int(row.Allowed), int(row.Refused), counts(row.Permissions), counts(row.Refusals)}
	})}
}

func period(q apikey.UsageQuery) Period {
	by := "day"
	if q.ByHour {
		by = "hour"
	}
	return Period{Time(q.From), Time(q.To), by}
}

func counts(named map[string]int64) []Count {
	return wire.List(slices.Sorted(maps.Keys(named)), func(name string) Count { return Count{name, int(named[name])} })
}

// FromTopKeys returns the keys that were used most in wire form.
func FromTopKeys(used apikey.UsedKeys) TopKeys {
	return TopKeys{period(used.Covers), wire.List(used.Keys, func(key apikey.KeyUsage) TopKey {
		return TopKey{key.Key.String(), Time(key.UsedOn), int(key.Allowed), int(key.Refused)}
	}), len(used.Damaged)}
}

// FromPermissionReport returns which of its permissions a key uses in wire form.
func FromPermissionReport(report apikey.PermissionReport) PermissionUse {
	used := wire.List(report.Used, func(p apikey.PermissionUse) UsedPermission {
		return UsedPermission{p.Name, int(p.Requests), p.LastDay.UTC().Format(time.DateOnly), p.Granted}
	})
	return PermissionUse{Used: used, Unused: append([]string{}, report.Unused...), Unnamed: int(report.Unnamed)}
}
