package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	daySort     = "DAY#"
	lastUseSort = "LAST"
	dayLayout   = time.DateOnly
	// The prefixes start the names of the attributes with a count, and with the last
	// use of a secret, its address and the secret's first use.
	countPrefix      = "n#"
	generationPrefix = "g#"
	fromPrefix       = "from#"
	firstPrefix      = "first#"
)

func (n Names) uses(u apikey.Uses) itemKey {
	return itemKey{n.Usage, keyPartition + u.Key.String(), daySort + u.Day.UTC().Format(dayLayout) + "#" + u.Region}
}

func (n Names) lastUse(key uuid.UUID) itemKey {
	return itemKey{n.Usage, keyPartition + key.String(), lastUseSort}
}

// UsesAPI is the part of [dynamodb.Client] that [UsesWriter] uses.
type UsesAPI interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// UsesWriter adds to the uses of keys in a usage table. A program that uses only
// this and a [Reader] does not link DynamoDB's transactions. It is safe for
// concurrent use.
type UsesWriter struct {
	client UsesAPI
	names  Names
}

// NewUsesWriter returns a writer over client, for the usage table of names.
func NewUsesWriter(client UsesAPI, names Names) *UsesWriter { return &UsesWriter{client, names} }

// AddUses implements [apikey.UsesAdder] with one update, which it tries once:
// whoever counts has time to try again later.
func (w *UsesWriter) AddUses(ctx context.Context, uses apikey.Uses) error {
	at := w.names.uses(uses)
	input := &dynamodb.UpdateItemInput{
		TableName: &at.table, Key: at.key(),
		ExpressionAttributeNames: make(map[string]string), ExpressionAttributeValues: make(item),
	}
	var adds, sets []string
	for _, count := range uses.Counts {
		name := fmt.Sprintf("n%d", len(adds))
		input.ExpressionAttributeNames["#"+name], input.ExpressionAttributeValues[":"+name] = countAttribute(count), number(count.Requests)
		adds = append(adds, "#"+name+" :"+name)
	}
	for attribute, value := range encode(uses, usesAttributes) {
		name := fmt.Sprintf("s%d", len(sets))
		input.ExpressionAttributeNames["#"+name], input.ExpressionAttributeValues[":"+name] = attribute, value
		set := "#" + name + " = :" + name
		if strings.HasPrefix(attribute, firstPrefix) {
			set = fmt.Sprintf("#%[1]s = if_not_exists(#%[1]s, :%[1]s)", name)
		}
		sets = append(sets, set)
	}
	expression := "SET " + strings.Join(sets, ", ")
	if adds != nil {
		expression += " ADD " + strings.Join(adds, ", ")
	}
	input.UpdateExpression = &expression
	if _, err := w.client.UpdateItem(ctx, input, noSDKRetry); err != nil {
		return failed("add uses", err)
	}
	return nil
}

// usesAttributes reads or writes the attributes that an update replaces.
func usesAttributes(c *codec, uses *apikey.Uses) {
	c.org("org", &uses.Org)
	if c.optional(!uses.LastOn.IsZero(), "lastOn") {
		c.moment("lastOn", &uses.LastOn)
		c.address("lastFrom", &uses.LastFrom)
	}
	if c.optional(!uses.Retired.On.IsZero(), "retiredOn") {
		c.moment("retiredOn", &uses.Retired.On)
		numeric(c, "retiredGeneration", &uses.Retired.Generation, 1)
		c.address("retiredFrom", &uses.RetiredFrom)
	}
	c.rehash("rehash", &uses.Rehash)
	if !c.writing {
		return
	}
	c.item[schema.TimeToLive] = number(uses.Day.Add(apikey.UsageRetention + apikey.Day).Unix())
	for _, use := range uses.Secrets {
		c.secretUseOf(&use, strconv.Itoa(use.Generation))
	}
}

// secretUseOf reads or writes the use of the secret of that generation.
func (c *codec) secretUseOf(use *apikey.SecretUse, generation string) {
	c.secretUse(use, generationPrefix+generation, firstPrefix+generation, fromPrefix+generation)
}

// countAttribute returns the name of the attribute of a count, such as
// "n#09#p#ViewTables" or "n#23#r#KEY_EXPIRED".
func countAttribute(count apikey.UseCount) string {
	kind, name := "p", cmp.Or(count.Permission, "-")
	if count.Code != "" {
		kind, name = "r", count.Code
	}
	return fmt.Sprintf("%s%02d#%s#%s", countPrefix, count.Hour, kind, name)
}

func addressText(address netip.Addr) types.AttributeValue {
	if !address.IsValid() {
		return text("")
	}
	return text(address.String())
}

func (r *reader) address(attribute string) netip.Addr {
	written := r.text(attribute)
	if written == "" {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(written)
	if err != nil {
		r.fail(attribute, "is not an address")
	}
	return address
}

// decodeUses decodes the uses of a day.
func decodeUses(encoded item) (apikey.Uses, error) {
	c := &codec{reader: reader{item: encoded}}
	uses := apikey.Uses{Key: c.keyID()}
	usesAttributes(c, &uses)
	day, region, _ := strings.Cut(strings.TrimPrefix(c.reader.text(schema.SortKey), daySort), "#")
	var err error
	if uses.Day, err = time.Parse(dayLayout, day); err != nil {
		c.fail(schema.SortKey, "is not a day")
	}
	uses.Region = region
	for attribute := range encoded {
		if name, counts := strings.CutPrefix(attribute, countPrefix); counts {
			uses.Counts = append(uses.Counts, c.count(attribute, name))
		} else if generation, dated := strings.CutPrefix(attribute, generationPrefix); dated {
			n, err := strconv.Atoi(generation)
			if err != nil || n < 1 {
				c.fail(attribute, "is not a generation's")
			}
			use := apikey.SecretUse{Generation: n}
			c.secretUseOf(&use, generation)
			uses.Secrets = append(uses.Secrets, use)
		}
	}
	slices.SortFunc(uses.Counts, func(a, b apikey.UseCount) int {
		return cmp.Or(a.Hour-b.Hour, cmp.Compare(a.Code, b.Code), cmp.Compare(a.Permission, b.Permission))
	})
	slices.SortFunc(uses.Secrets, func(a, b apikey.SecretUse) int { return b.Generation - a.Generation })
	return uses, c.err
}

// count reads a count, whose attribute's name ends with hour, kind and name.
func (r *reader) count(attribute, described string) apikey.UseCount {
	hour, rest, _ := strings.Cut(described, "#")
	kind, name, _ := strings.Cut(rest, "#")
	n, err := strconv.Atoi(hour)
	if err != nil || n < 0 || n > 23 || name == "" || kind != "p" && kind != "r" {
		r.fail(attribute, "is not a count's")
	}
	count := apikey.UseCount{Hour: n, Requests: r.number(attribute, 0)}
	switch {
	case kind == "r":
		count.Code = name
	case name != "-":
		count.Permission = name
	}
	return count
}

// Uses implements [apikey.Store]. It reads the replica of the home region, which
// has other regions' uses about a second later. It needs permission to query the
// usage table.
func (s *Reader) Uses(ctx context.Context, key uuid.UUID, from, to time.Time) (all []apikey.Uses, err error) {
	input := rangeQuery(s.names.Usage, keyPartition+key.String(), daySort+from.UTC().Format(dayLayout), daySort+to.UTC().Format(dayLayout)+"$")
	err = s.each(ctx, "read uses", input, func(encoded item) error {
		uses, err := decodeUses(encoded)
		if err != nil {
			return fmt.Errorf("%w: %w", apikey.ErrDamaged, err)
		}
		all = append(all, uses)
		return nil
	})
	return all, err
}

// LastUses implements [apikey.Store] with the index.
func (s *Reader) LastUses(ctx context.Context, org apikey.OrgID, before apikey.Position, limit int) (apikey.Listed[apikey.LastUse, apikey.Position], error) {
	input := &dynamodb.QueryInput{
		TableName: &s.names.Usage, IndexName: aws.String(schema.Used), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String(schema.ListingPartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(orgPartition(org))},
	}
	if before != (apikey.Position{}) {
		*input.KeyConditionExpression += " AND " + schema.ListingSortKey + " < :before"
		input.ExpressionAttributeValues[":before"] = text(listingPosition(before.CreatedOn, before.ID))
	}
	return listing[apikey.LastUse, apikey.Position]{
		"list last uses", lastUseAttributes,
		func(r *reader) apikey.Position { return r.position(schema.ListingSortKey) },
		func(r *reader) apikey.Ref { return apikey.LastUseRef(r.keyID()) },
	}.part(ctx, s, input, limit)
}
