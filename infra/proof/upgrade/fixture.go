// Package upgrade holds that a new version serves what older versions stored.
//
// Each file in testdata is a deployment's data as the version wrote it that the
// file is named after: made through that version's own API, on its own local
// stack. The keys in it open nothing but themselves. Command record makes such
// a file from a checkout of a version.
package upgrade

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// Data is all that a deployment keeps, and the texts of its keys.
type Data struct {
	// AdminKey is the text of the first admin key.
	AdminKey string `json:"adminKey"`
	// Made is what was made through the API, by the name that [Make] gives it.
	Made map[string]Made `json:"made"`
	// KMS is the file of the KMS stand-in: without its keys, no pepper opens.
	KMS json.RawMessage `json:"kms"`
	// Tables are the items of each table, in DynamoDB's own JSON.
	Tables map[string][]Item `json:"tables"`
}

// Made is something that a version made; Text is a key's.
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

// Read reads a file of testdata.
func Read(file string) (Data, error) {
	var data Data
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &data)
	}
	if err != nil {
		return Data{}, fmt.Errorf("read a version's data: %w", err)
	}
	return data, nil
}

// Write writes a file of testdata, an item a line, the same bytes for the same
// data.
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

// Collect reads what the data folder of a stack holds that has ended, besides
// what only the stack's user knows: Made.
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

// Restore makes a data folder that holds the data, as if its version had just
// ended there.
func (d Data) Restore(ctx context.Context, folder string) error {
	err := errors.Join(
		os.WriteFile(filepath.Join(folder, adminKeyFile), []byte(d.AdminKey), 0o600),
		os.WriteFile(filepath.Join(folder, kmsFile), d.KMS, 0o600),
	)
	if err != nil {
		return err
	}
	return withTables(ctx, folder, func(s server) error {
		for table, items := range d.Tables {
			for _, item := range items {
				if err := s.put(ctx, table, item); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// withTables calls use with the tables of a data folder, which it makes where
// they are missing.
func withTables(ctx context.Context, folder string, use func(server) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	running, err := dynamodb.Start(ctx, dynamodb.Options{DataDir: filepath.Join(folder, dynamodbFolder)})
	if err != nil {
		return err
	}
	defer running.Stop()
	err = dynamodb.CreateTables(ctx, dynamodb.Client(running.URL), dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Secrets: schema.SecretsTableName,
	})
	if err != nil {
		return err
	}
	return use(server{running.URL})
}
