package cfntest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// specificationFile is where the CDK command line keeps AWS's description of
// every resource type. npm installs it in the folder infra.
const specificationFile = "node_modules/aws-cdk/db.json.gz"

// Specification describes every resource type of CloudFormation and SAM: its
// properties, their types, and which of them are required.
type Specification struct {
	// resources are by type, such as "AWS::KMS::Key". types are the objects inside
	// them, by the file's own ids.
	resources, types map[string]shape
}

// shape is a resource type, or the type of an object inside one.
type shape struct {
	ID         string `json:"$id"`
	Name       string `json:"cloudFormationType"`
	Attributes map[string]struct{ Type kind }
	Properties map[string]property
}

type property struct {
	Type     kind
	Required bool
}

// kind is the type of a value.
type kind struct {
	Type string
	// Values lists the allowed texts or numbers; empty allows any.
	Values []any `json:"allowedValues"`
	// Element is the type of the elements of a list or a map.
	Element *kind
	// Types lists the alternatives of a union.
	Types []kind
	// Reference names the object type of a "ref".
	Reference struct {
		ID string `json:"$ref"`
	}
}

// ReadSpecification reads the specification below the folder infra. If it is
// missing, the error says how to install it.
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

// serverless describes SAM's types: the CloudFormation type that each becomes,
// whose attributes it has, and the properties that it passes on and the
// specification lacks.
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
