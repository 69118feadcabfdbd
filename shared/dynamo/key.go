package dynamo

import (
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// listingPosition returns the sort key of an organization's keys by creation,
// and of audit records by time. All positions have the same length.
func listingPosition(on time.Time, id uuid.UUID) string {
	return formatTime(on) + "#" + id.String()
}

// keyAttributes checks every attribute that it reads: a record that was tampered
// with or half written must not verify anything, nor look like a missing key.
func keyAttributes(c *codec, key *apikey.Key) {
	if c.writing {
		c.putListing(*key)
	} else {
		key.ID = c.keyID()
	}
	c.org("org", &key.Org)
	c.text("name", &key.Name)
	c.text("description", &key.Description)
	c.permissions("permissions", &key.Permissions)
	c.text("redacted", &key.Redacted)
	c.text("start", &key.Start)
	c.digest(&key.Digest)
	c.moment("createdOn", &key.CreatedOn)
	c.actor("createdBy", &key.CreatedBy)
	numeric(c, "version", &key.Version, 1)
	if c.optional(!key.LastModifiedOn.IsZero() || key.LastModifiedBy != (apikey.Actor{}), "modifiedOn") {
		c.moment("modifiedOn", &key.LastModifiedOn)
		c.actor("modifiedBy", &key.LastModifiedBy)
	}
	if c.optional(!key.MovedOn.IsZero(), "movedOn") {
		c.moment("movedOn", &key.MovedOn)
	}
	c.end(key)
	if c.later("type", "claim", "narrowed", "policy", "onBehalfOf", "services", "disabled", "notBefore", "expiresOn", "allowIPs", "recoverable", "listed") {
		c.laterKeyAttributes(key)
	} else {
		key.Type, key.Claim = apikey.TypeService, key.Name
	}
	c.secrets(key)
}

// listedKeyAttributes does what keyAttributes does, and checks the key's position in
// the listing.
func listedKeyAttributes(c *codec, key *apikey.Key) {
	if keyAttributes(c, key); !c.writing {
		c.position(schema.ListingSortKey)
	}
}

// putListing puts a key into the index: of all keys, or of the deleted ones.
func (c *codec) putListing(key apikey.Key) {
	partition := orgPartition(key.Org)
	if key.Deleted() {
		partition = deletedPartition(key.Org)
	}
	c.item[schema.ListingPartitionKey] = text(partition)
	c.item[schema.ListingSortKey] = text(listingPosition(key.CreatedOn, key.ID))
}

// dueAttributes reads which tombstone is due, and when, from the item's keys.
func dueAttributes(c *codec, due *apikey.Due) {
	if c.org("org", &due.Org); !c.writing {
		at := c.position(schema.SortKey)
		due.Key, due.PurgeOn = at.ID, at.CreatedOn
	}
}

// end reads or writes the attributes that only deleted keys and leaked ones have.
func (c *codec) end(key *apikey.Key) {
	if c.optional(key.Deleted(), "deletedOn", "purgeOn") {
		c.moment("deletedOn", &key.DeletedOn)
		c.moment("purgeOn", &key.PurgeOn)
		if key.DeletedOn.IsZero() { // damaged, and still counted nowhere
			key.DeletedOn = time.Unix(0, 0).UTC()
		}
	}
	if c.optional(key.Exposure != nil, "exposure") {
		c.nested("exposure", func(c *codec) {
			if !c.writing {
				key.Exposure = new(apikey.Exposure)
			}
			c.moment("reportedOn", &key.Exposure.ReportedOn)
			c.text("source", &key.Exposure.Source)
			c.text("url", &key.Exposure.URL)
		})
	}
}

// laterKeyAttributes reads or writes the attributes that keys of the first version
// lack.
func (c *codec) laterKeyAttributes(key *apikey.Key) {
	c.text("claim", &key.Claim)
	textOf(c, "type", &key.Type)
	switch key.Type {
	case apikey.TypeService, apikey.TypePersonal, apikey.TypeShared:
	default:
		c.fail("type", "is not a key's")
	}
	c.boolean("narrowed", &key.Narrowed)
	c.optionalID("policy", &key.Policy)
	c.optionalID("onBehalfOf", &key.OnBehalfOf)
	if c.later("userPolicy") {
		c.optionalID("userPolicy", &key.UserPolicy)
	}
	if c.later("representable") {
		c.boolean("representable", &key.Representable)
	} else { // only a key without a user was certainly created that way
		key.Representable = key.Type == apikey.TypeShared && key.OnBehalfOf.IsZero()
	}
	c.texts("services", &key.Services)
	c.boolean("disabled", &key.Disabled)
	c.optionalMoment("notBefore", &key.NotBefore)
	c.optionalMoment("expiresOn", &key.ExpiresOn)
	attribute(c, "allowIPs", &key.AllowIPs, func(prefixes []netip.Prefix) types.AttributeValue {
		return list(prefixes, func(p netip.Prefix) types.AttributeValue { return text(p.String()) })
	}, func(r *reader, name string) []netip.Prefix { return listOf(r, name, decodePrefix) })
	c.boolean("recoverable", &key.Recoverable)
	c.boolean("listed", &key.Listed)
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

func (r *reader) keyID() uuid.UUID {
	suffix, ok := strings.CutPrefix(r.text(schema.PartitionKey), keyPartition)
	id, err := uuid.Parse(suffix)
	if !ok || err != nil {
		r.fail(schema.PartitionKey, "is not a key's")
	}
	return id
}
