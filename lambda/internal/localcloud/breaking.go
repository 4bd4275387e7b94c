package localcloud

import (
	"encoding/json"
	"slices"
	"strings"
)

// What an attacker does to the things that trails depend on. Each call is a fact: nobody is told, no API is called, and the trails find out at
// their next delivery.

// broken changes something that trails depend on. What was due before is delivered before.
func (c *Cloud) broken(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.trails {
		c.catchUp(t)
	}
	change()
}

// DeleteBucket deletes a bucket, by its name.
func (c *Cloud) DeleteBucket(name string) {
	c.broken(func() {
		b, _ := c.bucket(name)
		c.gone[b.arn] = true
	})
}

// DenyBucket puts a statement into a bucket's policy that refuses CloudTrail; AllowBucket takes it out and makes a deleted bucket again.
func (c *Cloud) DenyBucket(name string) {
	c.broken(func() {
		b, _ := c.bucket(name)
		b.policies = append(slices.Clone(b.policies), denyCloudTrail())
	})
}

// AllowBucket undoes DeleteBucket and DenyBucket.
func (c *Cloud) AllowBucket(name string) {
	c.broken(func() {
		b, _ := c.bucket(name)
		delete(c.gone, b.arn)
		b.policies = slices.DeleteFunc(slices.Clone(b.policies), func(d policyDocument) bool { return d.ID == deniedByAttacker })
	})
}

const deniedByAttacker = "attacker"

func denyCloudTrail() policyDocument {
	var d policyDocument
	// A constant that parses.
	_ = json.Unmarshal([]byte(`{"Id": "`+deniedByAttacker+`", "Statement":
		{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": {"Service": "`+cloudTrailService+`"}}}`), &d)
	return d
}

// DisableKey disables a key, by its ARN; EnableKey undoes it.
func (c *Cloud) DisableKey(arn string) { c.broken(func() { c.gone["disabled "+arn] = true }) }

// EnableKey undoes DisableKey.
func (c *Cloud) EnableKey(arn string) { c.broken(func() { delete(c.gone, "disabled "+arn) }) }

// Delete deletes a key, a role, a topic, a queue, a log group or a table, by its ARN, a log group's with or without ":*" at its end. What the function
// itself needs of these is not refused, but for a table, a topic and a queue.
func (c *Cloud) Delete(arn string) { c.broken(func() { c.gone[strings.TrimSuffix(arn, ":*")] = true }) }

// RepeatEvents has the next event of a call arrive n times more: EventBridge delivers at least once.
func (c *Cloud) RepeatEvents(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.repeating = n
}

// LoseEvents loses the next n events of calls on their way to EventBridge, which promises no more than best effort: the call happens, its
// record exists, no rule sees it.
func (c *Cloud) LoseEvents(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropping = n
}
