package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Key implements [apikey.Store] with one strongly consistent read. A damaged
// record is [apikey.Unavailable].
func (s *Reader) Key(ctx context.Context, id keytext.ID) (apikey.Key, error) {
	return get(ctx, s, apikey.SubjectKey, s.names.key(id), decodeKey)
}

// Organization implements [apikey.Store] with one strongly consistent read.
func (s *Reader) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	return get(ctx, s, apikey.SubjectOrganization, s.names.org(id), decodeOrganization)
}

// Suspended implements [apikey.Store] with one strongly consistent read.
func (s *Reader) Suspended(ctx context.Context, id apikey.OrgID) (bool, error) {
	org, err := s.Organization(ctx, id)
	return org.Suspended, err
}

// Policy implements [apikey.Store] with one strongly consistent read.
func (s *Reader) Policy(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.Policy, error) {
	return get(ctx, s, apikey.SubjectPolicy, s.names.policy(org, id), decodePolicy)
}

// User implements [apikey.Store] with one strongly consistent read.
func (s *Reader) User(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.User, error) {
	return get(ctx, s, apikey.SubjectUser, s.names.user(org, id), decodeUser)
}

// UserByClaim implements [apikey.Store] with two strongly consistent reads.
// Somebody who gives up the address between them is not found.
func (s *Reader) UserByClaim(ctx context.Context, org apikey.OrgID, claim string) (apikey.User, error) {
	if claim == "" {
		return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
	}
	id, err := get(ctx, s, apikey.SubjectUser, s.names.email(org, claim), decodeClaim)
	if err != nil {
		return apikey.User{}, err
	}
	user, err := s.User(ctx, org, id)
	if err == nil && user.Claim != claim {
		return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
	}
	return user, err
}

// RegisteredService implements [apikey.Store] with one strongly consistent
// read.
func (s *Reader) RegisteredService(ctx context.Context, org apikey.OrgID, id string) (apikey.Service, error) {
	return get(ctx, s, apikey.SubjectService, s.names.service(org, id), decodeService)
}

// Service implements [apikey.Store] with one strongly consistent read.
func (s *Reader) Service(ctx context.Context, api apikey.API) (apikey.Service, error) {
	return get(ctx, s, apikey.SubjectService, s.names.api(api), decodeService)
}

// Sealed implements [apikey.Store] with one strongly consistent read of the
// table of secrets.
func (s *Reader) Sealed(ctx context.Context, id keytext.ID) ([]byte, error) {
	return get(ctx, s, apikey.SubjectKey, s.names.sealed(id), decodeSealed)
}

func get[T any](ctx context.Context, s *Reader, subject apikey.Subject, at place, decode func(item) (T, error)) (T, error) {
	var none T
	input := &dynamodb.GetItemInput{TableName: &at.table, Key: at.key(), ConsistentRead: aws.Bool(true)}
	var output *dynamodb.GetItemOutput
	err := reading.try(ctx, func(ctx context.Context) (err error) {
		output, err = s.client.GetItem(ctx, input, singly)
		return err
	})
	if err != nil {
		return none, apikey.Failed(doing[subject], err)
	}
	if output.Item == nil {
		return none, apikey.NoSuch(subject)
	}
	value, err := decoded(output.Item, decode)
	if err != nil {
		return none, apikey.Failed(doing[subject], err)
	}
	return value, nil
}

// doing says to the log what was being read.
var doing = map[apikey.Subject]string{
	apikey.SubjectKey: "read a key", apikey.SubjectOrganization: "read an organization",
	apikey.SubjectPolicy: "read a policy", apikey.SubjectUser: "read a user", apikey.SubjectService: "read a service",
}
