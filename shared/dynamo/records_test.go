package dynamo_test

import (
	"context"
	"io"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

type attributes = map[string]types.AttributeValue

// record is a kind of item: how one is written and how it is read.
type record struct {
	write apikey.Write
	// step is the index of the item among those of the write.
	step int
	read func(*dynamo.Store) error
	// optional attributes may be missing. unread ones may hold anything: they
	// are keys that the reader already knows, or copies for an index.
	optional, unread []string
	// wrong holds values of the right type that are not valid.
	wrong map[string]types.AttributeValue
}

func entropyID() uuid.UUID {
	id, _ := uuid.New(apikeytest.Entropy(7))
	return id
}

func modifiedKey() apikey.Key {
	now := apikeytest.NewClock().Now()
	key := apikey.Key{
		ID: entropyID(), Org: acme, Name: "name", Claim: "name", Type: apikey.TypeShared, Permissions: permission.NewSet("A", "B"),
		Policy: entropyID(), OnBehalfOf: entropyID(), Services: []string{"files"}, NotBefore: now, ExpiresOn: now.Add(time.Hour),
		AllowIPs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Digest:   apikey.Digest{Pepper: 1}, CreatedOn: now, LastModifiedOn: now, MovedOn: now, Version: 2,
		Generation: 2, SecretOn: now, Older: []apikey.OlderSecret{
			{Generation: 1, Redacted: "r", Start: "s", Digest: apikey.Digest{Pepper: 1}, CreatedOn: now, EndsOn: now, AwaitsUse: true, Overlap: time.Hour, ExposedOn: now},
		},
		Exposure: &apikey.Exposure{ReportedOn: now, Source: "github"},
	}
	_, _ = io.ReadFull(apikeytest.Entropy(8), key.Digest.Sum[:])
	return key
}

// deletedKey returns a key's tombstone.
func deletedKey() apikey.Key {
	key := plainKey()
	key.DeletedOn, key.PurgeOn = key.CreatedOn, key.CreatedOn.Add(time.Hour)
	return key
}

// plainKey returns a key without optional members.
func plainKey() apikey.Key {
	return apikey.Key{ID: entropyID(), Org: acme, Name: "name", Claim: "name", Type: apikey.TypeService, Digest: apikey.Digest{Pepper: 1}, CreatedOn: time.Unix(0, 0), Version: 1}
}

func firstOutcome() apikey.Outcome {
	return apikey.Outcome{Org: acme, Caller: entropyID(), APIKey: entropyID(), Sealed: []byte{1}, On: time.Unix(0, 0), Version: 1}
}

func textValue(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func numberValue(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func binaryValue(length int) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: make([]byte, length)}
}
func listValue(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}
func mapValue(inner attributes) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: inner}
}

var (
	unsorted = listValue(textValue("B"), textValue("A"))
	notAnID  = textValue("0")
	service  = apikey.Service{
		ID: "files", Org: acme, APIs: []routing.API{{ID: "a"}}, Routes: []routing.Route{{}}, Version: 1,
		Permissions: []apikey.Permission{{Name: "A"}},
	}
	wrongInService = map[string]types.AttributeValue{
		"org": textValue("A"), "routes": listValue(textValue("/")), "version": numberValue("0"),
		"apis": listValue(mapValue(attributes{"account": textValue("1"), "id": textValue("a")})), "permissions": listValue(textValue("A")),
		"unlisted": textValue("Refuse"), "cacheSeconds": numberValue("3601"), "cacheBy": listValue(textValue("Route")),
	}
)

// broken returns the cause of the first damaged record of a listing as an
// error.
func broken(damaged []apikey.Damage, err error) error {
	if err == nil && len(damaged) > 0 {
		return apikey.UnavailableError("list", damaged[0].Cause)
	}
	return err
}

var records = map[string]record{
	"key": {
		write:    apikey.CreateKey{Key: modifiedKey()},
		read:     func(s *dynamo.Store) error { _, err := s.Key(context.Background(), entropyID()); return err },
		optional: []string{"modifiedOn", "movedOn", "userPolicy", "representable", "exposure"},
		unread:   []string{"pk", "sk", "lpk", "lsk"},
		wrong: map[string]types.AttributeValue{
			"org": textValue("A"), "pepper": numberValue("0"), "version": numberValue("0"),
			"createdOn": textValue("2026-01-02T03:04:05Z"), "modifiedOn": textValue(""), "movedOn": textValue("now"), "permissions": unsorted,
			"type": textValue("Service"), "policy": notAnID, "onBehalfOf": notAnID, "userPolicy": notAnID, "services": listValue(numberValue("1")),
			"notBefore": textValue("0"), "expiresOn": textValue("never"), "allowIPs": listValue(textValue("192.0.2.1/24")),
			"generation": numberValue("0"), "secretOn": textValue("0"), "older": listValue(mapValue(attributes{"generation": numberValue("1")})),
			"exposure": mapValue(attributes{"reportedOn": textValue(""), "source": textValue(""), "url": textValue("")}),
		},
	},
	"deleted key": {
		write:    apikey.CreateKey{Key: deletedKey()},
		read:     func(s *dynamo.Store) error { _, err := s.Key(context.Background(), entropyID()); return err },
		optional: []string{"modifiedOn", "userPolicy", "representable"},
		unread:   []string{"pk", "sk", "lpk", "lsk"},
		wrong:    map[string]types.AttributeValue{"deletedOn": textValue(""), "purgeOn": textValue("2026")},
	},
	"organization": {
		write:    apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, Version: 1, Declared: []apikey.Permission{{Name: "A"}}}},
		read:     func(s *dynamo.Store) error { _, err := s.Organization(context.Background(), acme); return err },
		optional: []string{"accounts", "noSelfService", "retention", "onExposure", "staleAfterDays"},
		unread:   []string{"pk", "sk", "suspended", "representative"},
		wrong: map[string]types.AttributeValue{
			"id": textValue("A"), "keyCount": numberValue("-1"), "maxKeys": numberValue("1.5"), "version": numberValue("99999999999999999999"),
			"declared": listValue(mapValue(attributes{"name": textValue("A"), "description": textValue("")})), "withdrawn": unsorted,
			"owners": numberValue("-1"), "maxKeyLifetime": numberValue("-1"), "retention": numberValue("-1"), "onExposure": textValue("Report"), "staleAfterDays": numberValue("-1"),
		},
	},
	"status": {
		write:  apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, Version: 1}},
		step:   1,
		read:   func(s *dynamo.Store) error { _, err := s.Status(context.Background(), acme); return err },
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"representative": notAnID, "version": numberValue("0")},
	},
	"status of an earlier version": {
		write:    apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, Version: 1, Declared: []apikey.Permission{{Name: "A"}}}},
		read:     func(s *dynamo.Store) error { return statusOfEarlierVersion(s) },
		optional: []string{"suspended", "representative"},
		unread: []string{"pk", "sk", "id", "name", "keyPrefix", "maxKeys", "keyCount", "recoverable", "maxKeyLifetime", "accounts", "noSelfService", "retention", "onExposure", "staleAfterDays", "declared",
			"withdrawn", "owners", "createdOn", "version"},
		wrong: map[string]types.AttributeValue{"representative": notAnID},
	},
	"policy": {
		write:  apikey.CreatePolicy{Policy: apikey.Policy{ID: entropyID(), Org: acme, Version: 1}},
		read:   func(s *dynamo.Store) error { _, err := s.Policy(context.Background(), acme, entropyID()); return err },
		unread: []string{"pk", "sk"},
		wrong: map[string]types.AttributeValue{
			"org": textValue("A"), "permissions": unsorted, "keyCount": numberValue("-1"),
			"version": numberValue("0"), "createdOn": textValue(""), "modifiedOn": textValue("0"),
		},
	},
	"user": {
		write:  apikey.CreateUser{User: apikey.User{ID: entropyID(), Org: acme, Role: apikey.RoleAdmin, Version: 1}},
		read:   func(s *dynamo.Store) error { _, err := s.User(context.Background(), acme, entropyID()); return err },
		unread: []string{"pk", "sk"},
		wrong: map[string]types.AttributeValue{
			"org": textValue(""), "role": textValue("admin"), "permissions": unsorted,
			"policy": notAnID, "keyCount": numberValue("-1"), "version": numberValue("0"), "createdOn": textValue(""),
		},
	},
	"claim": {
		write: apikey.CreateUser{User: apikey.User{ID: entropyID(), Org: acme, Claim: "a@example.com", Role: apikey.RoleMember, Version: 1}},
		step:  1,
		read: func(s *dynamo.Store) error {
			// The stub's only item is not a user.
			if _, err := s.UserByClaim(context.Background(), acme, "a@example.com"); apikey.KindOf(err) != apikey.NotFound {
				return err
			}
			return nil
		},
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"key": textValue("")},
	},
	"pepper": {
		write: apikey.CreatePepper{Pepper: apikey.Pepper{
			Version: 1, State: apikey.PepperActive, Wrapped: []byte{1}, CreatedOn: time.Unix(1, 0), ReplacedOn: time.Unix(2, 0),
		}},
		read:     pepperOf,
		optional: []string{"createdOn", "replacedOn"},
		unread:   []string{"pk", "sk"},
		wrong: map[string]types.AttributeValue{
			"state": textValue("Active"), "version": numberValue("0"), "wrapped": binaryValue(0), "createdOn": textValue(""), "replacedOn": textValue("2026"),
		},
	},
	"service": {
		write: apikey.PutService{After: service},
		read: func(s *dynamo.Store) error {
			_, err := s.RegisteredService(context.Background(), acme, "files")
			return err
		},
		unread: []string{"pk", "sk"},
		wrong:  wrongInService,
	},
	"service of an API": {
		write: apikey.PutService{After: service},
		step:  1,
		read: func(s *dynamo.Store) error {
			_, err := s.Service(context.Background(), routing.API{ID: "a"})
			return err
		},
		unread: []string{"pk", "sk"},
		wrong:  wrongInService,
	},
	"task": {
		write: apikey.BeginTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw, Target: "A"}},
		read: func(s *dynamo.Store) error {
			_, damaged, err := s.Unfinished(context.Background())
			return broken(damaged, err)
		},
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"org": textValue("A"), "kind": textValue("withdraw")},
	},
	"encrypted copy": {
		write:  apikey.CreateKey{Key: plainKey(), Sealed: []byte{1}},
		step:   3,
		read:   func(s *dynamo.Store) error { _, err := s.Sealed(context.Background(), entropyID()); return err },
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"sealed": binaryValue(0)},
	},
	"outcome": {
		write: apikey.PutOutcome{Outcome: firstOutcome()},
		read: func(s *dynamo.Store) error {
			found, err := s.Read(context.Background(), firstOutcome().Ref())
			if err == nil {
				_, err = found.Outcome(firstOutcome().Ref())
			}
			return err
		},
		unread: []string{"pk", "sk"},
		wrong: map[string]types.AttributeValue{
			"org": textValue("A"), "caller": notAnID, "idempotencyKey": binaryValue(31), "fingerprint": binaryValue(33), "apiKey": notAnID,
			"sealed": binaryValue(0), "on": textValue(""), "version": numberValue("0"), "ttl": numberValue("1"),
		},
	},
	"audit record": {
		read: func(s *dynamo.Store) error {
			part, err := s.AuditRecords(context.Background(), acme, apikey.AuditFilter{}, apikey.Position{}, 1)
			return broken(part.Damaged, err)
		},
		optional: []string{"source", "before", "after", "removed", "added", "key"},
		unread:   []string{"pk"},
		wrong: map[string]types.AttributeValue{
			"sk": textValue("2026"), "source": textValue("nowhere"), "key": notAnID, "before": mapValue(attributes{"name": numberValue("1")}),
		},
	},
}
