package events

import (
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// connection is a connection with an API key.
type connection struct {
	name, arn, secret, description string
	header, value                  string // of its key; empty: there is none any more
	state                          string
	made, changed, authorized      time.Time
}

// The states of a connection.
const (
	authorized   = "AUTHORIZED"
	deauthorized = "DEAUTHORIZED"
)

// authorized is the connection of an API destination, where that can be used.
func (s *Bus) authorized(d *destination) (connection, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	con := s.connections[d.connection]
	if con == nil || con.state != authorized {
		return connection{}, kernel.Refuse(noAnswer, "the connection of the API destination is not authorized")
	}
	return *con, nil
}

func (c *connection) times() map[string]any {
	return map[string]any{
		"ConnectionArn":      c.arn,
		"ConnectionState":    c.state,
		"CreationTime":       c.made,
		"LastModifiedTime":   c.changed,
		"LastAuthorizedTime": c.authorized,
	}
}

func (s *Bus) describeConnection(_ *kernel.Call, c *connection) (any, *kernel.Error) {
	out := c.times()
	out["Name"], out["AuthorizationType"], out["SecretArn"] = c.name, "API_KEY", c.secret
	if c.description != "" {
		out["Description"] = c.description
	}
	if c.header != "" {
		out["AuthParameters"] = map[string]any{"ApiKeyAuthParameters": map[string]any{"ApiKeyName": c.header}}
	}
	return out, nil
}

// updateConnection replaces the key, with which the connection is authorized again.
func (s *Bus) updateConnection(cl *kernel.Call, c *connection) (any, *kernel.Error) {
	if kind := cl.Text("AuthorizationType"); kind != "" && kind != "API_KEY" {
		return nil, kernel.Refuse("ValidationException", "AuthorizationType %s is not simulated; the local run knows API_KEY", kind)
	}
	if description, given := cl.Params["Description"].(string); given {
		c.description = description
	}
	now := s.kernel.Now()
	parameters, _ := cl.Params["AuthParameters"].(map[string]any)
	if key, ok := parameters["ApiKeyAuthParameters"].(map[string]any); ok {
		if name, _ := key["ApiKeyName"].(string); name != "" {
			c.header = name
		}
		if value, _ := key["ApiKeyValue"].(string); value != "" {
			c.value = value
		}
		if c.header != "" && c.value != "" && c.state != authorized {
			c.authorized = now
			s.change(c, authorized)
		}
	}
	c.changed = now
	return c.times(), nil
}

// deauthorizeConnection removes the key.
func (s *Bus) deauthorizeConnection(_ *kernel.Call, c *connection) (any, *kernel.Error) {
	c.header, c.value, c.changed = "", "", s.kernel.Now()
	s.change(c, deauthorized)
	return c.times(), nil
}

// deleteConnection deletes a connection, and leaves the API destinations that use it.
func (s *Bus) deleteConnection(_ *kernel.Call, c *connection) (any, *kernel.Error) {
	out := c.times()
	s.change(c, deauthorized)
	delete(s.connections, c.arn)
	return out, nil
}

// change gives a connection another state, which EventBridge puts on the bus, as it does that of the API destinations
// with it (EventBridge Events Reference, "Amazon EventBridge").
func (s *Bus) change(c *connection, state string) {
	if c.state == state {
		return
	}
	c.state = state
	connected, destined := "Connection Authorized", "API Destination Activated"
	if state == deauthorized {
		connected, destined = "Connection Deauthorized", "API Destination Deactivated"
	}
	s.tell(c.arn, connected, "ConnectionName", c.name)
	for _, d := range s.inOrder() {
		if d.connection == c.arn {
			s.tell(d.arn, destined, "ApiDestinationName", d.name)
		}
	}
}

// tell puts an event of EventBridge's own on the bus.
func (s *Bus) tell(arn, detailType, member, name string) {
	now := s.kernel.Now()
	event := kernel.Envelope{
		ID:         s.kernel.ID("events"),
		Source:     "aws.events",
		DetailType: detailType,
		Time:       now,
		Resources:  []string{arn},
		Detail:     map[string]any{member: name, "Timestamp": now.UTC().Format(time.RFC3339)},
	}.Event(kernel.SiteOf(arn), "")
	s.kernel.Note(kernel.Entry{Kind: kernel.KindNote, Who: "EventBridge", Text: strings.ToLower(detailType[:1]) + detailType[1:] + ": " + name})
	s.kernel.After(0, func() { s.Publish(event) })
}
