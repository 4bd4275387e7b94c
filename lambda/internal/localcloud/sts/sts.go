// Package sts answers GetCallerIdentity: who somebody is to AWS. It gives nobody a role, and knows no permission, as
// none is needed to ask.
package sts

import (
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// New returns STS.
func New(k *kernel.Kernel) wire.Front {
	return wire.New(k, "sts", func(cl *kernel.Call) (any, *kernel.Error) {
		if failed := k.Refusal(cl); failed != nil {
			return nil, failed
		}
		return map[string]any{"UserId": cl.Who.ID(), "Account": cl.Who.Account, "Arn": cl.Who.ARN(k.Partition)}, nil
	}, wire.Body)
}
