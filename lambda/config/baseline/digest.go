package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// Digest is the SHA-256 of a policy in its canonical form: JSON without white space, the keys of objects in order. The
// order of lists stays: AWS keeps it. The error says that the policy is no JSON object.
func Digest(policy string) (string, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(policy)))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil || v == nil {
		return "", errors.New("the policy is no JSON object")
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out) // writes the keys of maps in order
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	sum := sha256.Sum256(bytes.TrimRight(out.Bytes(), "\n"))
	return hex.EncodeToString(sum[:]), nil
}
