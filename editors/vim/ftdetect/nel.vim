autocmd BufNewFile,BufRead *.nel setfiletype nel
