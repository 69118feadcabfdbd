package client

import "github.com/keyward/keyward/shared/client/wire"

// Change is what a patch does to a member. The zero Change leaves it as it is.
type Change[T any] = wire.Change[T]

// Set returns a [Change] to a value.
func Set[T any](value T) Change[T] { return wire.Set(value) }

// Clear returns a [Change] that removes the value.
func Clear[T any]() Change[T] { return wire.Clear[T]() }

// The values of enumerations.
const (
	KeyTypeService  = wire.KeyTypeService
	KeyTypePersonal = wire.KeyTypePersonal
	KeyTypeShared   = wire.KeyTypeShared

	KeyStateActive   = wire.KeyStateActive
	KeyStateDisabled = wire.KeyStateDisabled
	KeyStateExpired  = wire.KeyStateExpired
	KeyStateNotYet   = wire.KeyStateNotYet
	KeyStateOverlap  = wire.KeyStateOverlap
	KeyStateDeleted  = wire.KeyStateDeleted

	KeySortCreatedOn  = wire.KeySortCreatedOn
	KeySortName       = wire.KeySortName
	KeySortLastUsedOn = wire.KeySortLastUsedOn
	KeySortExpiresOn  = wire.KeySortExpiresOn

	SortOrderAsc  = wire.SortOrderAsc
	SortOrderDesc = wire.SortOrderDesc

	OverlapFromNow      = wire.OverlapFromNow
	OverlapFromFirstUse = wire.OverlapFromFirstUse

	BucketHour = wire.BucketHour
	BucketDay  = wire.BucketDay

	RegionStateCurrent = wire.RegionStateCurrent
	RegionStateBehind  = wire.RegionStateBehind
	RegionStateUnknown = wire.RegionStateUnknown

	RoleOwner   = wire.RoleOWNER
	RoleAdmin   = wire.RoleADMIN
	RoleManager = wire.RoleMANAGER
	RoleMember  = wire.RoleMEMBER

	OnExposureDisable = wire.OnExposureDisable
	OnExposureReport  = wire.OnExposureReport
)
