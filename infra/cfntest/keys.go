package cfntest

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
)

// keys checks that there are three keys of a type, each with an alias that ends
// in its purpose. It returns their ARNs by purpose.
func (c *checker) keys(kind string) map[string]string {
	purposes, aliases, arns := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, key := range plan.Keys {
		purposes[key.Purpose] = true
	}
	purposeOf := map[string]string{}
	for _, alias := range c.ofType("AWS::KMS::Alias") {
		purpose := strings.TrimPrefix(text(alias.get("AliasName")), "alias/"+c.settings.Name+"/")
		id := idIn(alias.get("TargetKeyId"))
		aliases[purpose] = true
		purposeOf[id], arns[purpose] = purpose, "${"+id+".Arn}"
	}
	sameNames(c, "key aliases", aliases, purposes)
	keys := c.ofType("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
	c.equal("the number of keys", len(keys), len(purposes))
	for _, key := range keys {
		c.equal(key.ID+"'s type", key.Type, kind)
		if purposeOf[key.ID] == "" {
			c.fault("%s has no alias", key.ID)
		}
		if !key.Retained {
			c.fault("%s is not retained", key.ID)
		}
		c.keyPolicy(key)
		if kind == "AWS::KMS::Key" {
			c.equal(key.ID+"'s rotation", key.get("EnableKeyRotation"), true)
			c.equal(key.ID+" being multi-Region", key.get("MultiRegion"), true)
		}
	}
	return arns
}

// keyPolicy checks that only the account itself decides who may use a key.
func (c *checker) keyPolicy(key Resource) {
	statements := iam.OneOrMany(key.get("KeyPolicy", "Statement"))
	c.equal(key.ID+"'s number of statements", len(statements), 1)
	principal := text(at(statements, 0, "Principal", "AWS"))
	if !strings.HasPrefix(principal, "arn:") || !strings.HasSuffix(principal, ":root") {
		c.fault("%s is for %q, want the account's root", key.ID, principal)
	}
}

// replicaKeys checks that each of a region's replicas is of the primary region's
// key with the same purpose.
func (c *checker) replicaKeys(o outer) {
	arns := c.keys("AWS::KMS::ReplicaKey")
	for _, key := range plan.Keys {
		replica := c.Resources[idIn(arns[key.Purpose])]
		c.equal(fmt.Sprintf("the primary of %s", replica.ID), replica.get("PrimaryKeyArn"), o.key(key.Resource, o.settings.Primary()))
	}
}

// idIn returns the logical id of the resource in a reference.
func idIn(reference any) string {
	return strings.TrimSuffix(strings.Trim(text(reference), "${}"), ".Arn")
}
