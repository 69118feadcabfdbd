package dynamo

import (
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// listingPosition returns the sort key of an organization's keys by creation,
// and of audit records by time. All positions have the same length.
func listingPosition(on time.Time, id keytext.ID) string {
	return formatTime(on) + "#" + id.String()
}

func keyItem(key apikey.Key) item {
	encoded := item{
		schema.ListingPartitionKey: text(orgPartition(key.Org)),
		schema.ListingSortKey:      text(listingPosition(key.CreatedOn, key.ID)),
		"org":                      text(string(key.Org)),
		"name":                     text(key.Name),
		"description":              text(key.Description),
		"claim":                    text(key.Claim),
		"type":                     text(string(key.Type)),
		"permissions":              texts(key.Permissions),
		"narrowed":                 boolean(key.Narrowed),
		"policy":                   text(key.Policy.String()),
		"onBehalfOf":               text(key.OnBehalfOf.String()),
		"userPolicy":               text(key.UserPolicy.String()),
		"representable":            boolean(key.Representable),
		"services":                 texts(key.Services),
		"disabled":                 boolean(key.Disabled),
		"notBefore":                optionalMoment(key.NotBefore),
		"expiresOn":                optionalMoment(key.ExpiresOn),
		"allowIPs":                 list(key.AllowIPs, func(p netip.Prefix) types.AttributeValue { return text(p.String()) }),
		"recoverable":              boolean(key.Recoverable),
		"listed":                   boolean(key.Listed),
		"redacted":                 text(key.Redacted),
		"start":                    text(key.Start),
		"pepper":                   number(key.Digest.Pepper),
		"digest":                   binary(key.Digest.Sum[:]),
		"createdOn":                moment(key.CreatedOn),
		"version":                  number(key.Version),
	}
	putSecrets(encoded, key)
	putActor(encoded, "createdBy", key.CreatedBy)
	if !key.LastModifiedOn.IsZero() || key.LastModifiedBy != (apikey.Actor{}) {
		encoded["modifiedOn"] = moment(key.LastModifiedOn)
		putActor(encoded, "modifiedBy", key.LastModifiedBy)
	}
	if !key.MovedOn.IsZero() {
		encoded["movedOn"] = moment(key.MovedOn)
	}
	if key.Deleted() {
		encoded[schema.ListingPartitionKey] = text(deletedPartition(key.Org))
		encoded["deletedOn"], encoded["purgeOn"] = moment(key.DeletedOn), moment(key.PurgeOn)
	}
	if key.Exposure != nil {
		encoded["exposure"] = mapOf(item{"reportedOn": moment(key.Exposure.ReportedOn), "source": text(key.Exposure.Source), "url": text(key.Exposure.URL)})
	}
	return encoded
}

// decodeKey decodes a key's item. It checks every attribute: a record that was
// tampered with or half written must not verify anything, nor look like a
// missing key.
func decodeKey(encoded item) (apikey.Key, error) {
	r := &reader{item: encoded}
	key := apikey.Key{
		ID:          r.keyID(),
		Org:         r.org("org"),
		Name:        r.text("name"),
		Description: r.text("description"),
		Permissions: r.permissions("permissions"),
		Redacted:    r.text("redacted"),
		Start:       r.text("start"),
		Digest:      r.digest(),
		CreatedOn:   r.moment("createdOn"),
		CreatedBy:   r.actor("createdBy"),
		Version:     r.number("version", 1),
	}
	if r.has("modifiedOn") {
		key.LastModifiedOn = r.moment("modifiedOn")
		key.LastModifiedBy = r.actor("modifiedBy")
	}
	if r.has("movedOn") {
		key.MovedOn = r.moment("movedOn")
	}
	r.end(&key)
	if r.lacks("type", "claim", "narrowed", "policy", "onBehalfOf", "services", "disabled", "notBefore", "expiresOn", "allowIPs", "recoverable", "listed") {
		key.Type, key.Claim = apikey.TypeService, key.Name
	} else {
		r.laterKeyAttributes(&key)
	}
	r.secrets(&key)
	return key, r.err
}

func dueItem(due apikey.Due) item { return item{"org": text(string(due.Org))} }

// decodeDue reads which tombstone is due, and when, from the item's keys.
func decodeDue(encoded item) (apikey.Due, error) {
	r := &reader{item: encoded}
	at := r.position(schema.SortKey)
	return apikey.Due{Org: r.org("org"), Key: at.ID, PurgeOn: at.CreatedOn}, r.err
}

// end reads what only keys have that were deleted, or reported as leaked.
func (r *reader) end(key *apikey.Key) {
	if r.has("deletedOn") || r.has("purgeOn") {
		key.DeletedOn, key.PurgeOn = r.moment("deletedOn"), r.moment("purgeOn")
		if key.DeletedOn.IsZero() { // damaged, and still counted nowhere
			key.DeletedOn = time.Unix(0, 0).UTC()
		}
	}
	if !r.has("exposure") {
		return
	}
	member, ok := r.item["exposure"].(*types.AttributeValueMemberM)
	if !ok {
		r.fail("exposure", "is not a map")
		return
	}
	inner := &reader{item: member.Value}
	key.Exposure = &apikey.Exposure{ReportedOn: inner.moment("reportedOn"), Source: inner.text("source"), URL: inner.text("url")}
	if inner.err != nil {
		r.fail("exposure", "is damaged")
	}
}

// laterKeyAttributes reads the attributes that keys of the first version lack.
func (r *reader) laterKeyAttributes(key *apikey.Key) {
	key.Claim = r.text("claim")
	key.Type = apikey.KeyType(r.text("type"))
	switch key.Type {
	case apikey.TypeService, apikey.TypePersonal, apikey.TypeShared:
	default:
		r.fail("type", "is not a key's")
	}
	key.Narrowed = r.boolean("narrowed")
	key.Policy = r.optionalID("policy")
	key.OnBehalfOf = r.optionalID("onBehalfOf")
	key.UserPolicy = r.laterID("userPolicy")
	key.Representable = key.Type == apikey.TypeShared && key.OnBehalfOf.IsZero()
	if r.has("representable") { // older keys lack it: only one without a user was certainly created that way
		key.Representable = r.boolean("representable")
	}
	key.Services = r.texts("services")
	key.Disabled = r.boolean("disabled")
	key.NotBefore = r.optionalMoment("notBefore")
	key.ExpiresOn = r.optionalMoment("expiresOn")
	key.AllowIPs = listOf(r, "allowIPs", decodePrefix)
	key.Recoverable = r.boolean("recoverable")
	key.Listed = r.boolean("listed")
}

// decodePrefix accepts only the canonical form of a range, because another form
// may mean something else to another reader.
func decodePrefix(value types.AttributeValue) (netip.Prefix, bool) {
	member, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		return netip.Prefix{}, false
	}
	prefix, err := netip.ParsePrefix(member.Value)
	return prefix, err == nil && prefix == prefix.Masked() && prefix.String() == member.Value && !prefix.Addr().Is4In6()
}

func (r *reader) keyID() keytext.ID {
	suffix, ok := strings.CutPrefix(r.text(schema.PartitionKey), keyPartition)
	id, err := keytext.ParseID(suffix)
	if !ok || err != nil {
		r.fail(schema.PartitionKey, "is not a key's")
	}
	return id
}

// digest requires the exact length: a shorter one, padded, would be another
// digest.
func (r *reader) digest() apikey.Digest {
	d := apikey.Digest{Pepper: int(r.number("pepper", 1))}
	if sum := r.bytes("digest"); len(sum) == len(d.Sum) {
		copy(d.Sum[:], sum)
	} else {
		r.fail("digest", "does not have the length of a digest")
	}
	return d
}

// putActor stores an actor in two attributes, which takes less space than a
// map.
func putActor(encoded item, attribute string, actor apikey.Actor) {
	encoded[attribute+"Name"] = text(actor.Username)
	encoded[attribute+"ID"] = text(actor.UserID)
}

func (r *reader) actor(attribute string) apikey.Actor {
	return apikey.Actor{Username: r.text(attribute + "Name"), UserID: r.text(attribute + "ID")}
}
