package apigw_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// scene is a stage on which waits are counted. Its organization has callers of
// every kind, all of whom may do everything, and resources to use.
type scene struct {
	*stage
	paced *apikeytest.Paced
	// ids maps the names in requests to ids.
	ids map[string]string
}

// caller is one kind of caller: its key, its user, and its Keyward permissions
// in the gateway's form.
type caller struct{ name, key, user, held string }

var callers = []caller{
	{"service key", "@direct", "", "AdministerApiKeys"},
	{"service key, policy", "@with-policy", "", "AdministerApiKeys"},
	{"OWNER's key", "@admin", "@owner", "AdministerApiKeys"},
	{"key, user's policy", "@of-user", "@user", "AdministerApiKeys"},
	{"OWNER's token", "", "@owner", "AdministerApiKeys"},
	{"token, user's policy", "", "@user", "AdministerApiKeys"},
}

// members hold no permission for keys, and manage only their own.
var members = []caller{
	{"MEMBER's key", "@of-plain", "@plain", ""},
	{"key, user's policy", "@of-right", "@right", ""},
	{"MEMBER's token", "", "@plain", ""},
	{"token, user's policy", "", "@right", ""},
}

// newScene creates users @right and @wrong, whose keys store their policies. The
// policy of @wrong has since changed.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{stage: newStage(t)}
	s.paced = &apikeytest.Paced{Store: s.store}
	s.ids = map[string]string{"@admin": s.admin.Key.ID.String(), "@owner": s.owner.ID.String()}
	most := 1000
	if _, err := s.api.Rules.ChangeSettings(t.Context(), s.by(), 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	s.service("files")
	all := permission.NewSet(append(apikey.OwnPermissions(), "ManageFiles", "ViewTables", "Only.files")...)
	s.group("all", all)
	s.group("some", permission.NewSet("ViewTables"))
	s.group("unused", permission.NewSet("ViewTables"))
	s.personal("user", s.person("user", apikey.RoleMember, "@all"))
	s.personal("right", s.person("right", apikey.RoleMember, "@some"))
	wrong := s.person("wrong", apikey.RoleMember, "@all")
	s.personal("wrong", wrong)
	s.change(wrong, "@some")
	s.personal("plain", s.person("plain", apikey.RoleMember, ""))
	s.person("second", apikey.RoleAdmin, "")
	s.key("direct", apikey.Draft{Permissions: all})
	s.key("with-policy", apikey.Draft{Policy: s.id("@all")})
	s.key("target", apikey.Draft{Policy: s.id("@some"), Recoverable: true})
	s.key("leaked", apikey.Draft{})
	s.api.Rules.Store = s.paced
	return s
}

// id returns the id of a name.
func (s *scene) id(name string) uuid.UUID {
	id, err := uuid.Parse(s.ids[name])
	if err != nil && name != "" {
		s.t.Fatalf("nothing has the name %s", name)
	}
	return id
}

// named replaces names with ids, and @own with the caller's key.
func (s *scene) named(text string, by caller) string {
	var names []string
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(s.ids))) { // @owner before @own
		names = append(names, name, s.ids[name])
	}
	names = append(names, "@own", s.ids[by.key])
	return strings.NewReplacer(names...).Replace(text)
}

// group creates a policy.
func (s *scene) group(name string, permissions permission.Set) {
	s.t.Helper()
	policy, err := s.api.Rules.CreatePolicy(s.t.Context(), s.by(), apikey.PolicyDraft{Name: name, Permissions: permissions})
	if err != nil {
		s.t.Fatal(err)
	}
	s.ids["@"+name] = policy.ID.String()
}

// person creates a user, later than all earlier ones.
func (s *scene) person(name string, role apikey.Role, policy string) apikey.User {
	s.t.Helper()
	s.clock.Advance(time.Minute)
	draft := apikey.UserDraft{Email: name + "@example.com", Name: name, Role: role, Policy: s.id(policy)}
	user, err := s.api.Rules.CreateUser(s.t.Context(), s.by(), draft)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ids["@"+name] = user.ID.String()
	return user
}

// change gives a user another policy.
func (s *scene) change(user apikey.User, policy string) {
	s.t.Helper()
	draft := apikey.UserDraft{Email: user.Email, Name: user.Name, Role: user.Role, Policy: s.id(policy)}
	if _, err := s.api.Rules.ReplaceUser(s.t.Context(), s.by(), user.ID, 0, draft); err != nil {
		s.t.Fatal(err)
	}
}

// key creates a key, and adds its id in the Supermetrics form too.
func (s *scene) key(name string, draft apikey.Draft) {
	s.t.Helper()
	draft.Name = name
	minted := s.make(draft)
	id := minted.Key.ID
	if name == "leaked" {
		s.ids["@leaked"] = minted.Text.Reveal()
		return
	}
	s.ids["@"+name], s.ids["@sm-"+name] = id.String(), supermetrics.KeyID(id)
}

// personal creates a recoverable key of a user.
func (s *scene) personal(name string, user apikey.User) {
	s.t.Helper()
	s.key("of-"+name, apikey.Draft{Type: apikey.TypePersonal, OnBehalfOf: user.ID, Recoverable: true})
}

// hundred creates a hundred keys by @plain, each with its own policy.
func (s *scene) hundred() {
	s.t.Helper()
	user := s.id("@plain")
	if _, err := s.api.Rules.ReplaceUser(s.t.Context(), s.by(), user, 0, apikey.UserDraft{
		Email: "plain@example.com", Name: "plain", Role: apikey.RoleAdmin, Permissions: permission.NewSet("ViewTables"),
	}); err != nil {
		s.t.Fatal(err)
	}
	for n := range 100 {
		name := fmt.Sprint("policy ", n)
		s.group(name, permission.NewSet("ViewTables"))
		draft := apikey.Draft{Name: fmt.Sprint("key ", n), Policy: s.id("@" + name)}
		if _, err := s.api.Rules.Create(s.t.Context(), apikey.Caller{Org: "demo", User: user}, draft); err != nil {
			s.t.Fatal(err)
		}
	}
}

// strays creates a personal key, whose text it names, and then gives its user
// another policy.
func (s *scene) strays() {
	s.t.Helper()
	s.group("later", permission.NewSet("ViewTables"))
	user := s.person("strayed", apikey.RoleMember, "@some")
	s.ids["@stray-text"] = s.make(apikey.Draft{Name: "stray", Type: apikey.TypePersonal, OnBehalfOf: user.ID}).Text.Reveal()
	s.change(user, "@later")
}

// hundredUsers creates personal keys of a hundred users, each with its own policy,
// and names their texts @hundred.
func (s *scene) hundredUsers() {
	s.t.Helper()
	var texts []string
	for n := range 100 {
		name := fmt.Sprint("user", n)
		s.group(name, permission.NewSet("ViewTables"))
		user := s.person("u-"+name, apikey.RoleMember, "@"+name)
		texts = append(texts, `"`+s.make(apikey.Draft{Name: name, Type: apikey.TypePersonal, OnBehalfOf: user.ID}).Text.Reveal()+`"`)
	}
	s.ids["@hundred"] = strings.Join(texts, ",")
}

// deletes deletes the keys of @right and @wrong.
func (s *scene) deletes() {
	s.t.Helper()
	for _, name := range []string{"@of-right", "@of-wrong"} {
		if err := s.api.Rules.Delete(s.t.Context(), s.by(), s.id(name), 0); err != nil {
			s.t.Fatal(err)
		}
	}
}

// overlaps rotates the key of @right, with an overlap.
func (s *scene) overlaps() {
	s.t.Helper()
	if _, err := s.api.Rules.Rotate(s.t.Context(), s.by(), s.id("@of-right"), 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		s.t.Fatal(err)
	}
}

// twentyFive creates that many keys with @some, besides @target.
func (s *scene) twentyFive() {
	s.t.Helper()
	for n := range 24 {
		s.make(apikey.Draft{Name: fmt.Sprint("doomed ", n), Policy: s.id("@some")})
	}
}

// succeeds makes @second the user as whom shared keys identify.
func (s *scene) succeeds() {
	s.t.Helper()
	third := s.person("third", apikey.RoleOwner, "")
	as := apikey.Caller{Org: "demo", User: third.ID}
	draft := apikey.UserDraft{Email: s.owner.Email, Name: s.owner.Name, Role: apikey.RoleMember}
	if _, err := s.api.Rules.ReplaceUser(s.t.Context(), as, s.owner.ID, 0, draft); err != nil {
		s.t.Fatal(err)
	}
}

// withdraws removes the permission of the service "files" from its holders. A
// sweep has not yet checked whether anybody still holds it.
func (s *scene) withdraws() {
	s.t.Helper()
	if _, _, err := s.api.Rules.PutService(s.t.Context(), s.by(), "files", 0, apikey.ServiceDraft{Name: "files"}, true); err != nil {
		s.t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
}

// forgets removes the permission of the service "files" from its holders.
func (s *scene) forgets() {
	s.t.Helper()
	if _, _, err := s.api.Rules.PutService(s.t.Context(), s.by(), "files", 0, apikey.ServiceDraft{Name: "files"}, true); err != nil {
		s.t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	for range 2 { // the second finds that nobody holds it any more
		if _, err := s.api.Rules.Sweep(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	s.service("files")
}
