package cfntest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// specificationFile is where the CDK's command line, which npm installs in the
// folder infra, keeps what AWS says of every resource type.
const specificationFile = "node_modules/aws-cdk/db.json.gz"

// Specification is what CloudFormation and SAM know of every resource type: its
// properties, their types, and which of them are required.
type Specification struct {
	// resources are by their type, such as "AWS::KMS::Key"; types are the
	// objects inside them, by an id of the file's own.
	resources, types map[string]shape
}

// shape is a resource type, or the type of an object inside one.
type shape struct {
	ID         string `json:"$id"`
	Name       string `json:"cloudFormationType"`
	Attributes map[string]struct{ Type kind }
	Properties map[string]struct {
		Type     kind
		Required bool
	}
}

// kind is the type of a value.
type kind struct {
	Type string
	// Values are all that a text or a number may be; empty for any.
	Values []any `json:"allowedValues"`
	// Element is the type of a list's or a map's elements.
	Element *kind
	// Types are the alternatives of a union.
	Types []kind
	// Reference is to the object type of a "ref".
	Reference struct {
		ID string `json:"$ref"`
	}
}

// ReadSpecification reads the specification below the folder infra. Its error
// says how to install a missing one.
func ReadSpecification(infra string) (*Specification, error) {
	file, err := os.Open(filepath.Join(infra, specificationFile))
	if err != nil {
		return nil, fmt.Errorf("the specification of resource types is missing: run npm ci in the folder infra, as make test does: %w", err)
	}
	defer func() { _ = file.Close() }()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", specificationFile, err)
	}
	var content struct {
		Schema struct {
			Resource, TypeDefinition struct{ Entities []shape }
		}
	}
	if err := json.NewDecoder(packed).Decode(&content); err != nil {
		return nil, fmt.Errorf("read %s: %w", specificationFile, err)
	}
	s := &Specification{map[string]shape{}, map[string]shape{}}
	for _, r := range content.Schema.Resource.Entities {
		s.resources[r.Name] = r
	}
	for _, r := range content.Schema.TypeDefinition.Entities {
		s.types[r.ID] = r
	}
	if len(s.resources) < 1000 || len(s.types) < 1000 {
		return nil, fmt.Errorf("%s knows %d resource types only: it has another format", specificationFile, len(s.resources))
	}
	s.amend()
	return s, nil
}

// serverless are SAM's types: what CloudFormation's type each becomes, whose
// attributes it has, and which properties it passes on that the specification
// does not know.
var serverless = map[string]struct {
	becomes string
	passes  []string
}{
	"AWS::Serverless::Function": {"AWS::Lambda::Function", []string{"LoggingConfig"}},
	"AWS::Serverless::Api":      {"AWS::ApiGateway::RestApi", nil},
	"AWS::Serverless::HttpApi":  {"AWS::ApiGatewayV2::Api", nil},
}

func (s *Specification) amend() {
	for name, of := range serverless {
		own, becomes := s.resources[name], s.resources[of.becomes]
		own.Attributes = becomes.Attributes
		for _, property := range of.passes {
			own.Properties[property] = becomes.Properties[property]
		}
		s.resources[name] = own
	}
}
