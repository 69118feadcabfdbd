package dynamo_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
)

// recordAttributes lists the attributes of each kind of item. Before you add
// one, decide whether a version that ignores it would allow more than it
// should. If so, add it to requiredFormats too.
var recordAttributes = map[string]string{
	"key": "allowIPs claim createdByID createdByName createdOn description digest disabled expiresOn exposure exposure.reportedOn exposure.source exposure.url generation listed lpk lsk modifiedByID modifiedByName modifiedOn movedOn " +
		"name narrowed notBefore older older.awaitsUse older.createdOn older.digest older.endsOn older.exposedOn older.generation older.overlap older.pepper older.redacted older.start " +
		"onBehalfOf org pepper permissions policy recoverable redacted representable secretOn services start type userPolicy version",
	// An older version that passed over deletedOn would let the key in.
	"deleted key": "allowIPs claim createdByID createdByName createdOn deletedOn description digest disabled expiresOn listed lpk lsk " +
		"name narrowed notBefore onBehalfOf org pepper permissions policy purgeOn recoverable redacted representable services start type userPolicy version",
	// An older version finds a suspension in the organization's own record.
	"status":                       "representative suspended version",
	"status of an earlier version": organizationAttributes,
	"organization":                 organizationAttributes,
	"policy":                       "claim createdByID createdByName createdOn deleted description keyCount modifiedByID modifiedByName modifiedOn name org permissions version",
	"user": "claim createdByID createdByName createdOn email keyCount modifiedByID modifiedByName modifiedOn name org permissions policy role " +
		"version",
	"service":           serviceAttributes,
	"service of an API": serviceAttributes,
	"claim":             "key",
	"pepper":            "createdOn replacedOn state version wrapped",
	"task":              "kind org target",
	"encrypted copy":    "sealed",
	"audit record":      "action actorID actorName added after at before key org removed requestID source target userAgent",
	// Older versions do not read outcomes: they would create another key.
	"outcome": "apiKey caller fingerprint idempotencyKey on org sealed ttl version",
}

const organizationAttributes = "accounts createdOn declared declared.description declared.name declared.service id keyCount keyPrefix maxKeyLifetime maxKeys name noSelfService " +
	"onExposure owners recoverable representative retention staleAfterDays suspended version withdrawn"

const serviceAttributes = "apis apis.account apis.id apis.region apis.stage cacheBy cacheSeconds createdByID createdByName createdOn id modifiedByID " +
	"modifiedByName modifiedOn name org permissions permissions.description permissions.name permissions.service routes routes.method routes.path " +
	"routes.permissions unlisted version"

// No attribute is added to a record without a decision about older versions
// that ignore it, and every record says its format.
func TestAttributesAreDecided(t *testing.T) {
	for kind, r := range records {
		item := r.encoded(t)
		if formatOf(item) == "none" {
			t.Errorf("%s says no format", kind)
		}
		got := attributeNames("", item)
		slices.Sort(got)
		got = slices.DeleteFunc(slices.Compact(got), func(name string) bool {
			return name == "pk" || name == "sk" || name == dynamo.FormatAttribute
		})
		if want := strings.Fields(recordAttributes[kind]); !slices.Equal(got, want) {
			t.Errorf("%s has the attributes\n%v, want\n%v\nDecide on a format first: see recordAttributes.", kind, got, want)
		}
	}
}

// attributeNames returns the names of attributes, including nested ones, which
// it writes with their path.
func attributeNames(path string, item attributes) (names []string) {
	for name, value := range item {
		names = append(names, path+name)
		elements := []types.AttributeValue{value}
		if several, ok := value.(*types.AttributeValueMemberL); ok {
			elements = several.Value
		}
		for _, element := range elements {
			if inner, ok := element.(*types.AttributeValueMemberM); ok {
				names = append(names, attributeNames(path+name+".", inner.Value)...)
			}
		}
	}
	return names
}

// newer returns a format that this version does not know.
func newer() types.AttributeValue { return numberValue(strconv.Itoa(dynamo.NewestFormat() + 1)) }

// A record of any kind with an unknown format is Unavailable: it may forbid
// what this version would allow, and is not a bad credential either. The first
// format, and no format, are read.
func TestRecordsOfNewerFormats(t *testing.T) {
	for kind, r := range records {
		item := r.encoded(t)
		for _, c := range []struct {
			format types.AttributeValue
			read   bool
		}{
			{nil, true}, {numberValue("1"), true}, {newer(), false},
			{numberValue("0"), false}, {numberValue("-1"), false}, {numberValue("1.5"), false}, {numberValue("99999999999999999999"), false}, {textValue("1"), false},
		} {
			item[dynamo.FormatAttribute] = c.format
			if c.format == nil {
				delete(item, dynamo.FormatAttribute)
			}
			err := r.readFrom(item)
			if (err == nil) != c.read || err != nil && (apikey.KindOf(err) != apikey.Unavailable || !strings.Contains(err.Error(), dynamo.FormatAttribute)) {
				t.Errorf("%s of format %v: error %v", kind, c.format, err)
			}
		}
	}
}

// A record requires a newer format only if it uses an attribute that came with
// it, so that a rollback stops nothing else.
func TestOnlyUsedAttributesRequireAFormat(t *testing.T) {
	files := func(routes ...routing.Route) apikey.Write {
		return apikey.PutService{After: apikey.Service{ID: "files", Org: acme, Routes: routes, Version: 1}}
	}
	key := func(disabled bool, notBefore time.Time) apikey.Write {
		k := plainKey()
		k.Disabled, k.NotBefore = disabled, notBefore
		return apikey.CreateKey{Key: k}
	}
	org := func(lifetime time.Duration) apikey.Write {
		return apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, MaxKeyLifetime: lifetime, Version: 1}}
	}
	for attribute, c := range map[string]struct{ unused, used apikey.Write }{
		"disabled":           {key(false, time.Time{}), key(true, time.Time{})},
		"notBefore":          {key(false, time.Time{}), key(false, time.Now())},
		"allowIPs":           {key(true, time.Time{}), apikey.CreateKey{Key: modifiedKey()}},
		"maxKeyLifetime":     {org(0), org(1)},
		"wrapped":            {apikey.BeginTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw}}, records["pepper"].write},
		"routes":             {files(), files(routing.Route{})},
		"routes.permissions": {files(routing.Route{Method: "GET"}), files(routing.Route{}, routing.Route{Permissions: []string{"A"}})},
		"permissions":        {files(routing.Route{Permissions: []string{"A"}}), apikey.PutService{After: service}},
	} {
		t.Run(attribute, func(t *testing.T) {
			dynamo.Demand(t, attribute)
			unused, used := record{write: c.unused}.encoded(t), record{write: c.used}.encoded(t)
			if got := fmt.Sprint(formatOf(unused), " ", formatOf(used)); got != fmt.Sprint(1, " ", dynamo.NewestFormat()+1) {
				t.Errorf("formats %s", got)
			}
		})
	}
}

// formatOf returns the format attribute of an item, or "none".
func formatOf(item attributes) string {
	value, _ := item[dynamo.FormatAttribute].(*types.AttributeValueMemberN)
	if value == nil {
		return "none"
	}
	return value.Value
}

// A change raises or lowers the format to what the record's attributes require,
// even if it sets only some attributes. Adjusting the count keeps the format.
func TestChangesMoveTheFormat(t *testing.T) {
	client, names, ctx := dynamodb.Client(server.URL), newTables(t), t.Context()
	store := dynamo.New(client, names)
	commit := committer(t, store)
	free := apikey.Organization{ID: acme, MaxKeys: 9, Version: 1}
	recoverable := free
	recoverable.Recoverable, recoverable.Version = true, 2
	plain := free
	plain.Version = 3
	check := func(read bool) {
		t.Helper()
		if _, err := store.Organization(ctx, acme); (err == nil) != read || err != nil && apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("error %v", err)
		}
	}
	dynamo.Demand(t, "recoverable")
	commit(0, apikey.CreateOrganization{Organization: free})
	check(true)
	commit(0, apikey.ReplaceOrganization{Before: free, After: recoverable})
	check(false)
	key := plainKey()
	commit(0, apikey.CreateKey{Key: key})
	check(false)
	commit(0, apikey.ReplaceOrganization{Before: recoverable, After: plain})
	check(true)
	commit(0, apikey.DeleteKey{Key: key})
	check(true)
}
