package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

func auditAttributes(c *codec, record *apikey.AuditRecord) {
	if !c.writing {
		record.ID = c.auditID()
	}
	c.org("org", &record.Org)
	c.moment("at", &record.At)
	textOf(c, "action", &record.Action)
	c.actor("actor", &record.Actor)
	c.text("target", &record.Target)
	c.text("userAgent", &record.UserAgent)
	c.text("requestID", &record.RequestID)
	c.textMap("before", &record.Before)
	c.textMap("after", &record.After)
	c.textMap("removed", &record.Removed)
	c.textMap("added", &record.Added)
	if c.later("key") {
		c.optionalID("key", &record.Key)
	}
	if c.optional(record.Source.IsValid(), "source") {
		if c.address("source", &record.Source); !record.Source.IsValid() {
			c.fail("source", "is not an address")
		}
	}
}

// loggedAttributes does what auditAttributes does, and checks the record's position
// in the log.
func loggedAttributes(c *codec, record *apikey.AuditRecord) {
	if auditAttributes(c, record); !c.writing {
		c.position(schema.SortKey)
	}
}

func (r *reader) auditID() uuid.UUID {
	_, suffix, _ := strings.Cut(r.text(schema.SortKey), "#")
	id, err := uuid.Parse(suffix)
	if err != nil {
		r.fail(schema.SortKey, "is not an audit record's")
	}
	return id
}

// textMap reads or writes a map of texts, which may be missing. Records of earlier
// versions have lists as values.
func (c *codec) textMap(name string, texts *map[string]string) {
	if !c.optional(*texts != nil, name) {
		return
	}
	c.nested(name, func(c *codec) {
		if c.writing {
			for field, value := range *texts {
				c.item[field] = text(value)
			}
			return
		}
		*texts = make(map[string]string)
		for field, value := range c.item {
			if _, several := value.(*types.AttributeValueMemberL); several {
				(*texts)[field] = strings.Join(c.reader.texts(field), ",")
			} else {
				(*texts)[field] = c.reader.text(field)
			}
		}
	})
}
