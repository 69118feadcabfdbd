package apikey

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"
)

// untold maps members of records that the audit log does not show to the
// reason.
var untold = map[string]string{
	"Key.ID": target, "Policy.ID": target, "User.ID": target, "Service.ID": target, "Organization.ID": target,
	"Key.Org": owner, "Policy.Org": owner, "User.Org": owner, "Service.Org": owner, "Status.Org": owner,
	"Key.Claim": "the name says it", "Policy.Claim": "the name says it", "User.Claim": "the email says it",
	"Key.DeletedOn":     "it is the time of the record of the deletion",
	"Key.UserPolicy":    "it decides nothing, and follows the user",
	"Key.Representable": atCreation, "Key.Listed": atCreation, "Key.Start": atCreation, "Key.Older.Start": atCreation,
	"Key.Digest.Pepper": secrets, "Key.Digest.Sum": secrets, "Key.Older.Digest.Pepper": secrets, "Key.Older.Digest.Sum": secrets,
	"Key.MovedOn":  "nothing that anybody decided changes with it",
	"Key.SecretOn": "the record of the rotation says when", "Key.Older.CreatedOn": "the record of the rotation says when",
	"Policy.KeyCount": counted, "User.KeyCount": counted, "Organization.KeyCount": counted, "Organization.Owners": counted,
	"Service.Permissions.Service":   "it is the service that the record is about",
	"Organization.Declared.Name":    services,
	"Organization.Declared.Service": services, "Organization.Declared.Description": services, "Organization.Declared": services,
	"Organization.Withdrawn": services,
	"Status.Representative":  "the users' records say who it is",
}

const (
	target     = "the record's target"
	owner      = "the record's organization"
	atCreation = "it is fixed when the key is created"
	secrets    = "the log holds nothing of a secret"
	counted    = "it is counted, not written"
	services   = "the records of the services say it"
)

// stamps lists the members of every record that say who wrote it and when. The
// audit record has its own.
var stamps = []string{
	".CreatedBy.Username", ".CreatedBy.UserID", ".LastModifiedBy.Username", ".LastModifiedBy.UserID", ".CreatedOn", ".LastModifiedOn", ".Version",
}

// No member of a record is forgotten. A record with another value is not the
// same record, so the change is written. The audit log shows it, or untold says
// why not.
func TestNoMemberIsForgotten(t *testing.T) {
	seen := map[string]bool{}
	for _, record := range []interface{ auditFields() *auditFields }{Key{}, Policy{}, User{}, Service{}, Organization{}, Status{}} {
		kind := reflect.TypeOf(record)
		before, after := reflect.New(kind).Elem(), reflect.New(kind).Elem()
		fill(before)
		fill(after)
		if !alike(before, after) {
			t.Fatalf("a %s is not the same as itself", kind.Name())
		}
		was := before.Interface().(interface{ auditFields() *auditFields }).auditFields()
		vary(kind.Name(), after, func(member string) {
			seen[member] = true
			if alike(before, after) {
				t.Errorf("another %s is the same record", member)
			}
			is := after.Interface().(interface{ auditFields() *auditFields }).auditFields()
			_, excused := untold[member]
			excused = excused || slices.Contains(stamps, member[len(kind.Name()):])
			switch told := !reflect.DeepEqual(was, is); {
			case !told && !excused:
				t.Errorf("the audit log does not show %s: add it to auditFields, or to untold with the reason", member)
			case told && excused:
				t.Errorf("the audit log shows %s, which is in untold", member)
			}
		})
	}
	for member := range untold {
		if !seen[member] {
			t.Errorf("no record has %s", member)
		}
	}
	if len(seen) < 70 {
		t.Errorf("%d members were tried", len(seen))
	}
}

// The zone of a time is no change. A record whose times are the same instants in
// another zone is the same record, whichever member has the time.
func TestAnotherZoneIsNoChange(t *testing.T) {
	tried := map[string]bool{}
	for _, record := range []any{Key{}, Policy{}, User{}, Service{}, Organization{}, Status{}, LastUse{}} {
		kind := reflect.TypeOf(record)
		before, after := reflect.New(kind).Elem(), reflect.New(kind).Elem()
		fill(before)
		fill(after)
		rezone(kind.Name(), after, func(member string) {
			tried[member] = true
			if !alike(before, after) {
				t.Errorf("%s in another zone is another record", member)
			}
		})
	}
	for _, member := range []string{"Key.CreatedOn", "Key.Exposure.ReportedOn", "Key.Older.EndsOn", "LastUse.Secrets.FirstOn"} {
		if !tried[member] {
			t.Errorf("%s was not tried", member)
		}
	}
}

// rezone moves one time of a value after the other to another zone, and calls
// visit for each.
func rezone(path string, v reflect.Value, visit func(member string)) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(epoch.In(time.FixedZone("elsewhere", 3600))))
		visit(path)
		v.Set(reflect.ValueOf(epoch))
	case v.Type() == reflect.TypeFor[netip.Prefix](), v.Type() == reflect.TypeFor[netip.Addr]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			rezone(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	case v.Kind() == reflect.Pointer:
		rezone(path, v.Elem(), visit)
	case v.Kind() == reflect.Slice:
		rezone(path, v.Index(0), visit)
	}
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fill gives every member of a value some value.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(epoch))
	case v.Type() == reflect.TypeFor[netip.Prefix]():
		v.Set(reflect.ValueOf(netip.MustParsePrefix("192.0.2.0/24")))
	case v.Type() == reflect.TypeFor[netip.Addr]():
		v.Set(reflect.ValueOf(netip.MustParseAddr("192.0.2.1")))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	default:
		write(v, 1)
	}
}

// vary changes one member of a value after the other, and calls visit for each.
// It also visits each list when it is empty.
func vary(path string, v reflect.Value, visit func(member string)) {
	was := reflect.New(v.Type()).Elem()
	was.Set(v)
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(epoch.Add(time.Second)))
	case v.Type() == reflect.TypeFor[netip.Prefix]():
		v.Set(reflect.ValueOf(netip.MustParsePrefix("192.0.2.0/25")))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			vary(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
		return
	case v.Kind() == reflect.Pointer:
		vary(path, v.Elem(), visit)
		v.SetZero()
	case v.Kind() == reflect.Slice:
		vary(path, v.Index(0), visit)
		v.SetZero()
	default:
		write(v, 2)
	}
	visit(path)
	v.Set(was)
}

// write sets a value without members to the n-th sample value.
func write(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a' + n)))
	case reflect.Bool:
		v.SetBool(n == 1)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n) * int64(time.Hour))
	case reflect.Uint8:
		v.SetUint(uint64(n))
	case reflect.Array:
		write(v.Index(0), n)
	default:
		panic("a record has a member of type " + v.Type().String())
	}
}
