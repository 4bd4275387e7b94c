package localcloud

import "strings"

// secretsManager answers GetSecretValue (AWS JSON 1.1). Secrets that were not given do not exist.
func (c *Cloud) secretsManager(cl *call) (any, *awsError) {
	if cl.op != "GetSecretValue" {
		return nil, refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.op)
	}
	name, arn := c.secretNamed(cl.text("SecretId"))
	a := access{action: "secretsmanager:GetSecretValue", resource: arn}
	if why, ok := c.authorize(cl.who, a, nil); !ok {
		failed := c.deniedBy(cl, a, why)
		c.note(Entry{Kind: KindCall, Who: cl.who.name(), Function: cl.function(), Op: cl.op, Subject: name, Err: failed.Code, Text: failed.Message})
		return nil, failed
	}
	if f := c.refusal(cl); f != nil {
		return nil, f
	}
	value, ok := c.opts.Secrets[name]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	return map[string]any{
		"ARN": arn, "Name": name, "SecretString": value, "VersionId": uuidOf("secret", name), "VersionStages": []string{"AWSCURRENT"},
		"CreatedDate": statusTime(c.start),
	}, nil
}

// secretNamed takes a name, an ARN, or an ARN without its six random characters. A secret may be known by its ARN.
func (c *Cloud) secretNamed(id string) (name, arn string) {
	if _, known := c.opts.Secrets[id]; known && strings.HasPrefix(id, "arn:") {
		return id, id
	}
	prefix := c.stack.arn("secretsmanager", "secret:")
	name = strings.TrimPrefix(id, prefix)
	if at := len(name) - 7; name != id && at > 0 && name[at] == '-' {
		if _, whole := c.opts.Secrets[name]; !whole {
			name = name[:at]
		}
	}
	return name, prefix + name + "-" + secretSuffix
}

// secretSuffix stands for the six random characters of a secret's ARN.
const secretSuffix = "a1B2c3"
