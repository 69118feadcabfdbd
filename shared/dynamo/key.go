package dynamo

import (
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

const keyPartition = "KEY#"

func primaryKey(partition, sort string) item {
	return item{schema.PartitionKey: text(partition), schema.SortKey: text(sort)}
}

func keyKey(id keytext.ID) item { return primaryKey(keyPartition+id.String(), "KEY") }

// claimKey is the key of the item whose existence makes a name taken.
func claimKey(key apikey.Key) item {
	return primaryKey(orgPartition(key.Org), "NAME#"+key.Name)
}

func claimItem(key apikey.Key) item {
	claim := claimKey(key)
	claim["key"] = text(key.ID.String())
	return claim
}

// listingPosition sorts an organization's keys by creation.
func listingPosition(on time.Time, id keytext.ID) string {
	return formatTime(on) + "#" + id.String()
}

func keyItem(key apikey.Key) item {
	encoded := keyKey(key.ID)
	encoded[schema.ListingPartitionKey] = text(orgPartition(key.Org))
	encoded[schema.ListingSortKey] = text(listingPosition(key.CreatedOn, key.ID))
	encoded["org"] = text(string(key.Org))
	encoded["name"] = text(key.Name)
	encoded["description"] = text(key.Description)
	encoded["permissions"] = texts(key.Permissions)
	encoded["redacted"] = text(key.Redacted)
	encoded["start"] = text(key.Start)
	encoded["pepper"] = number(key.Digest.Pepper)
	encoded["digest"] = binary(key.Digest.Sum[:])
	encoded["createdOn"] = moment(key.CreatedOn)
	encoded["version"] = number(key.Version)
	putActor(encoded, "createdBy", key.CreatedBy)
	if !key.LastModifiedOn.IsZero() {
		encoded["modifiedOn"] = moment(key.LastModifiedOn)
		putActor(encoded, "modifiedBy", key.LastModifiedBy)
	}
	return encoded
}

// decodeKey reads a key's item. Every attribute is checked: a record that was
// tampered with or half written must not verify anything, nor look like no key.
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
	if r.err != nil {
		return apikey.Key{}, r.err
	}
	return key, nil
}

func (r *reader) keyID() keytext.ID {
	suffix, ok := strings.CutPrefix(r.text(schema.PartitionKey), keyPartition)
	id, err := keytext.ParseID(suffix)
	if !ok || err != nil {
		r.fail(schema.PartitionKey, "is not a key's")
	}
	return id
}

// digest insists on the exact length: a shorter one, padded, is another digest.
func (r *reader) digest() apikey.Digest {
	d := apikey.Digest{Pepper: int(r.number("pepper", 1))}
	if sum := r.bytes("digest"); len(sum) == len(d.Sum) {
		copy(d.Sum[:], sum)
	} else {
		r.fail("digest", "does not have the length of a digest")
	}
	return d
}

// putActor keeps an actor in two attributes, without the cost of a map.
func putActor(encoded item, attribute string, actor apikey.Actor) {
	encoded[attribute+"Name"] = text(actor.Username)
	encoded[attribute+"ID"] = text(actor.UserID)
}

func (r *reader) actor(attribute string) apikey.Actor {
	return apikey.Actor{Username: r.text(attribute + "Name"), UserID: r.text(attribute + "ID")}
}
