package cloudtrail

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// keyFor is how long a key is said to sign digests.
const keyFor = 365 * 24 * time.Hour

// listPublicKeys names the key of the account and Region that signs digests now, if the time asked for is one of its
// days. It has the form of a key: digests are not stored here, and nothing is signed with it.
func (s *Trails) listPublicKeys(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	from, given := cl.Params["StartTime"].(time.Time)
	to, bounded := cl.Params["EndTime"].(time.Time)
	if !bounded {
		to = s.kernel.Now()
	}
	if !given {
		from = to.Add(-24 * time.Hour)
	}
	if to.Before(from) {
		return nil, kernel.Refuse("InvalidTimeRangeException", "The start time is after the end time.")
	}
	var all []any
	begins := s.kernel.Began.Add(-30 * 24 * time.Hour).Truncate(24 * time.Hour)
	if ends := begins.Add(keyFor); !to.Before(begins) && !from.After(ends) {
		der := publicKey(cl.Who.Account + "/" + cl.Region)
		sum := md5.Sum(der) //nolint:gosec // the fingerprint of a key is its MD5 sum (PublicKey)
		all = append(all, map[string]any{
			"Value":             base64.StdEncoding.EncodeToString(der),
			"Fingerprint":       hex.EncodeToString(sum[:]),
			"ValidityStartTime": begins,
			"ValidityEndTime":   ends,
		})
	}
	return list(cl, "PublicKeyList", all, "InvalidTokenException")
}

// publicKey has the form of an RSA key of 2,048 bits in PKCS #1.
func publicKey(of string) []byte {
	var n []byte
	for len(n) < 256 {
		sum := sha256.Sum256(append([]byte(of), n...))
		n = append(n, sum[:]...)
	}
	n[0] |= 0x80
	n[255] |= 1
	return x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537})
}
