nft add table ip f
nft 'add chain ip f in { type filter hook input priority 0; policy drop; }'
nft add rule ip f in ct state established,related accept
