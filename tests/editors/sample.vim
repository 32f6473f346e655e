" Opens a buffer of samples and asks synID what Vim makes of them. Each case: the line, a piece of it, the group at that piece.
let s:cases = [
      \ ['let run = train Coil(24) on d', 'let', 'nelStatement'],
      \ ['let run = train Coil(24) on d', 'run', 'nelName'],
      \ ['let run = train Coil(24) on d', 'train', 'nelCommand'],
      \ ['let run = train Coil(24) on d', 'on', 'nelCommand'],
      \ ['let run = train Coil(24) on d', '24', 'nelNumber'],
      \ ['f(train: 3, by: 4)', 'train', 'nelLabel'],
      \ ['f(train: 3, by: 4)', 'by', 'nelLabel'],
      \ ['d.train.rows', 'train', ''],
      \ ['relu(8) -> tanh(8)', 'relu', 'nelElement'],
      \ ['relu(8) -> tanh(8)', '->', 'nelOperator'],
      \ ['x |> dropout(10%)', 'dropout', 'nelAtom'],
      \ ['x |> dropout(10%)', '|>', 'nelOperator'],
      \ ['x |> dropout(10%)', '10%', 'nelNumber'],
      \ ['x = 60_000 + 1e-3', '60_000', 'nelNumber'],
      \ ['x = 60_000 + 1e-3', '1e-3', 'nelNumber'],
      \ ['molecule Coil(w = 16) = tanh(w)', 'molecule', 'nelDeclare'],
      \ ['molecule Coil(w = 16) = tanh(w)', 'Coil', 'nelName'],
      \ ['rule widen(k = 2): ?a(?n) => ?a(?n * k)', 'rule', 'nelDeclare'],
      \ ['rule widen(k = 2): ?a(?n) => ?a(?n * k)', '?a', 'nelVariable'],
      \ ['rule widen(k = 2): ?a(?n) => ?a(?n * k)', '=>', 'nelOperator'],
      \ ['rule = 3', 'rule', ''],
      \ ['  when dead > 0 => widen at busiest', 'when', 'nelClause'],
      \ ['  when dead > 0 => widen at busiest', 'at', 'nelClause'],
      \ ['let at = 3', 'at', 'nelName'],
      \ ['if not a { true } else { none }', 'if', 'nelConditional'],
      \ ['if not a { true } else { none }', 'not', 'nelWordOperator'],
      \ ['if not a { true } else { none }', 'true', 'nelConstant'],
      \ ['if not a { true } else { none }', 'none', 'nelConstant'],
      \ ['print "a {run.x + 1} \n b"', '"a', 'nelString'],
      \ ['print "a {run.x + 1} \n b"', '{', 'nelDelimiter'],
      \ ['print "a {run.x + 1} \n b"', '1}', 'nelNumber'],
      \ ['print "a {run.x + 1} \n b"', '\n', 'nelEscape'],
      \ ['print "a {run.x + 1} \n b"', 'b"', 'nelString'],
      \ ['let d = `R8-(T4|G4)`', 'R8', 'nelDna'],
      \ ['let d = `R8-(T4|G4)`', '|', 'nelDnaOperator'],
      \ ['a = 1 # let it be', 'let', 'nelComment'],
      \ ['## a documentation', 'doc', 'nelDocComment'],
      \ ['print "# no comment"', '#', 'nelString'],
      \ ]

syntax on
filetype plugin on
source $NEL_VIM/ftdetect/nel.vim
let s:file = tempname() . '.nel'
call writefile(map(copy(s:cases), 'v:val[0]'), s:file)
execute 'edit ' . s:file
syntax sync fromstart

let s:report = []
if &filetype !=# 'nel'
  call add(s:report, 'the file type is "' . &filetype . '"')
endif
if &commentstring !=# '# %s'
  call add(s:report, 'the comment string is "' . &commentstring . '"')
endif
for s:i in range(len(s:cases))
  let [s:line, s:piece, s:group] = s:cases[s:i]
  let s:found = synIDattr(synID(s:i + 1, stridx(s:line, s:piece) + 1, 1), 'name')
  if s:found !=# s:group
    call add(s:report, '`' . s:line . '`: `' . s:piece . '` is ' . s:found . ', not ' . s:group)
  endif
endfor
if empty(s:report)
  call add(s:report, 'all ' . len(s:cases) . ' checks passed')
endif
call writefile(s:report, $NEL_REPORT)
call delete(s:file)
qall!
