package dynamo_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// drifted is an organization, a policy and a user with one personal key. Their
// counts are 0, as can happen after the loss of a home region.
type drifted struct {
	store  *dynamo.Store
	commit func(apikey.Kind, ...apikey.Write)
	key    apikey.Key
}

func newDrifted(t *testing.T) drifted {
	client, names := dynamodb.Client(server.URL), newTables(t)
	store := dynamo.New(client, names)
	d := drifted{store, committer(t, store), personalKey()}
	d.commit(0, apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, MaxKeys: 9, Version: 1}})
	d.commit(0, apikey.CreatePolicy{Policy: apikey.Policy{ID: d.key.Policy, Org: acme, Claim: "policy", Version: 1}})
	d.commit(0, apikey.CreateUser{User: apikey.User{ID: d.key.OnBehalfOf, Org: acme, Claim: "a@example.com", Role: apikey.RoleMember, Version: 1}})
	d.commit(0, apikey.CreateKey{Key: d.key})
	for _, sort := range []string{"ORG", "POLICY#" + d.key.Policy.String(), "USER#" + d.key.OnBehalfOf.String()} {
		_, err := client.UpdateItem(t.Context(), &awsdynamodb.UpdateItemInput{
			TableName: &names.Table, Key: attributes{"pk": textValue("ORG#acme"), "sk": textValue(sort)},
			UpdateExpression: aws.String("SET keyCount = :none"), ExpressionAttributeValues: attributes{":none": numberValue("0")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// counts returns the counts of the organization, the policy and the user. It
// fails the test if one cannot be read.
func (d drifted) counts(t *testing.T) []int {
	t.Helper()
	org, err := d.store.Organization(t.Context(), acme)
	policy, policyErr := d.store.Policy(t.Context(), acme, d.key.Policy)
	user, userErr := d.store.User(t.Context(), acme, d.key.OnBehalfOf)
	if err != nil || policyErr != nil || userErr != nil {
		t.Fatal(err, policyErr, userErr)
	}
	return []int{org.KeyCount, policy.KeyCount, user.KeyCount}
}

// A count that is too low does not prevent the deletion of keys, and does not
// fall below zero: then neither the authorizer nor a repair could read its
// owner.
func TestCountThatMissesKeys(t *testing.T) {
	d := newDrifted(t)
	d.commit(0, apikey.DeleteKey{Key: d.key})
	if _, err := d.store.Key(t.Context(), d.key.ID); apikey.KindOf(err) != apikey.NotFound {
		t.Errorf("the deleted key: error %v", err)
	}
	if got := d.counts(t); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("counts %v", got)
	}
	d.commit(0, apikey.CreateKey{Key: d.key})
	if got := d.counts(t); !slices.Equal(got, []int{1, 1, 1}) {
		t.Errorf("counts %v after the next key", got)
	}
}

// A count that is too low does not prevent a change that takes a key away from
// its policy and its user. The same transaction can change an owner, and its
// conditions on the owner still apply.
func TestCountThatMissesKeysThatMove(t *testing.T) {
	d := newDrifted(t)
	free := d.key
	free.Policy, free.OnBehalfOf, free.Version = uuid.UUID{}, uuid.UUID{}, d.key.Version+1
	policy, err := d.store.Policy(t.Context(), acme, d.key.Policy)
	if err != nil {
		t.Fatal(err)
	}
	renamed := policy
	renamed.Name, renamed.Version = "renamed", 2
	stale := policy
	stale.Version = 7
	d.commit(apikey.Stale, apikey.ReplaceKey{Before: d.key, After: free}, apikey.ReplacePolicy{Before: stale, After: renamed})
	d.commit(0, apikey.ReplaceKey{Before: d.key, After: free}, apikey.ReplacePolicy{Before: policy, After: renamed})
	if got := d.counts(t); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("counts %v", got)
	}
	if found, err := d.store.Policy(t.Context(), acme, policy.ID); err != nil || found.Name != "renamed" {
		t.Errorf("policy %+v, error %v", found, err)
	}
}
