package kernel

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// UUID makes a UUID of texts, always the same.
func UUID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-4" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
}
