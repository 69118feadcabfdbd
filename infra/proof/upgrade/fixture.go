// Package upgrade proves that a new version serves what older versions stored.
//
// Each file in testdata holds a deployment's data as written by the version in
// the file's name. It was created through that version's own API, on its own
// local stack. The keys in it are valid nowhere else. Command record makes such
// a file from a checkout of a version.
package upgrade

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/keyward/keyward/infra/local/awsjson"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// Data is all that a deployment stores, with the texts of its keys.
type Data struct {
	// AdminKey is the text of the first admin key.
	AdminKey string `json:"adminKey"`
	// Made is what was created through the API, by the name that [Make] gives it.
	Made map[string]Made `json:"made"`
	// KMS is the KMS emulator's file; without its keys, no pepper can be decrypted.
	KMS json.RawMessage `json:"kms"`
	// Tables holds the items of each table, in DynamoDB's own JSON.
	Tables map[string][]Item `json:"tables"`
}

// Made is a resource that a version created. Text is set for keys.
type Made struct {
	ID   string `json:"id"`
	Text string `json:"apiKey,omitempty"`
}

// Item is an item in DynamoDB's own JSON.
type Item map[string]map[string]any

func (i Item) position() string {
	return fmt.Sprint(i[schema.PartitionKey]["S"], " ", i[schema.SortKey]["S"])
}

// The files of a stack's data folder.
const (
	adminKeyFile   = "admin-key"
	kmsFile        = "kms.json"
	dynamodbFolder = "dynamodb"
)

var tables = []string{schema.TableName, schema.AuditTableName, schema.SecretsTableName}

// Write writes a file of testdata with one item per line. The same data gives
// the same bytes.
func (d Data) Write(file string) error {
	items := d.Tables
	d.Tables = nil
	head, err := json.Marshal(d)
	if err != nil {
		return err
	}
	text := bytes.NewBuffer(bytes.TrimSuffix(head, []byte(`null}`)))
	for i, table := range tables {
		fmt.Fprintf(text, "%c\n%q: [", "{,,"[i], table)
		for n, item := range items[table] {
			line, err := json.Marshal(item)
			if err != nil {
				return err
			}
			fmt.Fprintf(text, "%c\n%s", " ,"[min(n, 1)], line)
		}
		text.WriteString("]")
	}
	text.WriteString("}}\n")
	return os.WriteFile(file, text.Bytes(), 0o644)
}

// Collect returns the contents of the data folder of a stack that has ended. It
// leaves out Made, which only the stack's user knows.
func Collect(ctx context.Context, folder string) (data Data, err error) {
	key, err := os.ReadFile(filepath.Join(folder, adminKeyFile))
	if err != nil {
		return data, err
	}
	if data.KMS, err = os.ReadFile(filepath.Join(folder, kmsFile)); err != nil {
		return data, err
	}
	data.AdminKey, data.Tables = string(key), make(map[string][]Item)
	err = withTables(ctx, folder, func(s server) error {
		for _, table := range tables {
			items, err := s.scan(ctx, table)
			if err != nil {
				return err
			}
			slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.position(), b.position()) })
			data.Tables[table] = items
		}
		return nil
	})
	return data, err
}

// withTables calls use with the tables of a data folder. It creates the tables
// if they are missing.
func withTables(ctx context.Context, folder string, use func(server) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	running, err := dynamodb.Start(ctx, dynamodb.Options{DataDir: filepath.Join(folder, dynamodbFolder)})
	if err != nil {
		return err
	}
	defer running.Stop()
	err = dynamodb.CreateTables(ctx, dynamodb.Client(running.URL), dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Secrets: schema.SecretsTableName, Usage: schema.UsageTableName,
	})
	if err != nil {
		return err
	}
	return use(server{awsjson.Endpoint{URL: running.URL, Region: dynamodb.Region, Caller: "local"}})
}

// server is a DynamoDB Local that is called in its own JSON, so that items are
// stored and loaded exactly as they are.
type server struct{ awsjson.Endpoint }

func (s server) call(ctx context.Context, action string, in, out any) error {
	return s.Call(ctx, "DynamoDB_20120810."+action, in, out)
}

func (s server) scan(ctx context.Context, table string) ([]Item, error) {
	var items []Item
	request := map[string]any{"TableName": table, "ConsistentRead": true}
	for {
		var page struct {
			Items            []Item
			LastEvaluatedKey Item
		}
		if err := s.call(ctx, "Scan", request, &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.LastEvaluatedKey == nil {
			return items, nil
		}
		request["ExclusiveStartKey"] = page.LastEvaluatedKey
	}
}
