package dynamo

import (
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// codec writes a record to an item, or reads it from one. Each kind of record has
// one function that names its attributes for both directions, so that what is
// written is what is read. A fault counts only in what is read: [roundTrip] looks
// for one before anything is stored.
type codec struct {
	reader
	writing bool
}

// encode returns a record's item.
func encode[T any](record T, attributes func(*codec, *T)) item {
	c := &codec{reader{item: make(item)}, true}
	attributes(c, &record)
	return c.item
}

// decode returns an item's record; of a damaged one, what can be read.
func decode[T any](encoded item, attributes func(*codec, *T)) (record T, err error) {
	c := &codec{reader: reader{item: encoded}}
	attributes(c, &record)
	return record, c.err
}

// later reports whether any of the attributes is there. Records of earlier versions
// have none of them.
func (c *codec) later(attributes ...string) bool { return c.writing || !c.lacks(attributes...) }

// optional reports whether the attributes that only some records have are there.
func (c *codec) optional(present bool, attributes ...string) bool {
	if c.writing {
		return present
	}
	return c.later(attributes...)
}

// attribute writes a value, or reads it.
func attribute[T any](c *codec, name string, value *T, write func(T) types.AttributeValue, read func(*reader, string) T) {
	if c.writing {
		c.item[name] = write(*value)
	} else {
		*value = read(&c.reader, name)
	}
}

func (c *codec) text(name string, value *string) { attribute(c, name, value, text, (*reader).text) }

func (c *codec) bytes(name string, value *[]byte) { attribute(c, name, value, binary, (*reader).bytes) }

func (c *codec) boolean(name string, value *bool) {
	attribute(c, name, value, boolean, (*reader).boolean)
}

func (c *codec) moment(name string, value *time.Time) {
	attribute(c, name, value, moment, (*reader).moment)
}

func (c *codec) optionalMoment(name string, value *time.Time) {
	attribute(c, name, value, optionalMoment, (*reader).optionalMoment)
}

func (c *codec) id(name string, value *uuid.UUID) { attribute(c, name, value, idText, (*reader).id) }

func (c *codec) optionalID(name string, value *uuid.UUID) {
	attribute(c, name, value, idText, (*reader).optionalID)
}

func idText(id uuid.UUID) types.AttributeValue { return text(id.String()) }

func (c *codec) org(name string, value *apikey.OrgID) {
	attribute(c, name, value, namedText, (*reader).org)
}

func (c *codec) texts(name string, value *[]string) {
	attribute(c, name, value, texts, (*reader).texts)
}

func (c *codec) permissions(name string, value *permission.Set) {
	attribute(c, name, value, texts, (*reader).permissions)
}

// address reads or writes an address, which may be unknown.
func (c *codec) address(name string, value *netip.Addr) {
	attribute(c, name, value, addressText, (*reader).address)
}

// actor reads or writes an actor in two attributes, which take less space than a map.
func (c *codec) actor(name string, actor *apikey.Actor) {
	c.text(name+"Name", &actor.Username)
	c.text(name+"ID", &actor.UserID)
}

// digest reads or writes a digest in two attributes. The sum must have its exact
// length, because a shorter one, padded, would be another digest.
func (c *codec) digest(digest *apikey.Digest) {
	numeric(c, "pepper", &digest.Pepper, 1)
	c.sum("digest", &digest.Sum, "a digest")
}

func (c *codec) sum(name string, sum *[32]byte, of string) {
	if c.writing {
		c.item[name] = binary(sum[:])
	} else if read := c.reader.bytes(name); len(read) == len(sum) {
		copy(sum[:], read)
	} else {
		c.fail(name, "does not have the length of "+of)
	}
}

// history reads or writes who created and changed a record, and when.
func (c *codec) history(createdBy, modifiedBy *apikey.Actor, createdOn, modifiedOn *time.Time) {
	c.actor("createdBy", createdBy)
	c.actor("modifiedBy", modifiedBy)
	c.moment("createdOn", createdOn)
	c.optionalMoment("modifiedOn", modifiedOn)
}

// permissionList reads or writes permissions with their descriptions.
func (c *codec) permissionList(name string, all *[]apikey.Permission) {
	mapsOf(c, name, all, func(c *codec, p *apikey.Permission) {
		c.text("name", &p.Name)
		c.text("description", &p.Description)
		c.text("service", &p.Service)
	})
}

// textOf reads or writes a text of a named type.
func textOf[S ~string](c *codec, name string, value *S) {
	attribute(c, name, value, namedText, func(r *reader, name string) S { return S(r.text(name)) })
}

func namedText[S ~string](value S) types.AttributeValue { return text(string(value)) }

// numeric reads or writes a whole number that is not below least.
func numeric[N ~int | ~int64](c *codec, name string, value *N, least int64) {
	attribute(c, name, value, number, func(r *reader, name string) N { return N(r.number(name, least)) })
}

// nested reads or writes a map. A fault inside makes the whole map damaged.
func (c *codec) nested(name string, attributes func(*codec)) {
	if c.writing {
		inner := &codec{reader{item: make(item)}, true}
		attributes(inner)
		c.item[name] = mapOf(inner.item)
		return
	}
	member, ok := c.item[name].(*types.AttributeValueMemberM)
	if !ok {
		c.fail(name, "is not a map")
		return
	}
	inner := &codec{reader: reader{item: member.Value}}
	if attributes(inner); inner.err != nil {
		c.fail(name, "is damaged")
	}
}

// mapsOf reads or writes a list of maps. A fault inside makes the whole list damaged.
func mapsOf[T any](c *codec, name string, all *[]T, attributes func(*codec, *T)) {
	attribute(c, name, all, func(values []T) types.AttributeValue {
		return list(values, func(value T) types.AttributeValue { return mapOf(encode(value, attributes)) })
	}, func(r *reader, name string) []T {
		return listOf(r, name, func(value types.AttributeValue) (decoded T, ok bool) {
			member, ok := value.(*types.AttributeValueMemberM)
			if !ok {
				return decoded, false
			}
			decoded, err := decode(member.Value, attributes)
			return decoded, err == nil
		})
	})
}
